"""The table of peers/platforms: what the documents of each polled platform say. A line a fact:

    paths, fixture, items, item    where it is asked; the recorded answer, where its items are, and which of them is copied
    sets                           what makes a copy a post of its own: a format of {n}, FORMAT@int, or @a form of its time
    bare                           what the answer holds where there is no other page
    guid                           what the id has to be, to the digit
    auth, wrong, token_*           who may ask; what is said to others
    asks                           each parameter, and its bound: the most, or what the whole of it has to be
    since, after_id                the parameter that says from when, from which id
    pages, serves                  how it goes on (Stage.pages_*), and how many it gives at most
    first, second                  how many posts there are before the first poll, and how many more before the second
    rate, limited                  how it says how much is left: remaining, reset, form; what it says when nothing is
"""
OAUTH = {"token_path": "/token", "token_wrong": (400, {"error": "invalid_grant", "error_description": "Token has been expired or revoked."})}
GOOGLE = {"wrong": (401, {"error": {"code": 401, "message": "Request had invalid authentication credentials.", "status": "UNAUTHENTICATED"}}),
          "limited": (429, {"error": {"code": 429, "message": "Quota exceeded for quota metric 'Requests'", "status": "RESOURCE_EXHAUSTED"}})}
META = {"wrong": (400, {"error": {"message": "Invalid OAuth access token.", "type": "OAuthException", "code": 190}}),
        "limited": (400, {"error": {"message": "(#4) Application request limit reached", "type": "OAuthException", "code": 4}}),
        "auth": ("query", "access_token"), "rate": "meta", "items": "data"}
POST_FIELDS = "id,message,from,created_time,permalink_url,shares,reactions.*,comments.*"
GRAPH = {**META, "fixture": "facebook_feed", "bare": {"paging": {}}, "guid": "1234_{n}", "pages": ("url", "limit"),
         "sets": {"id": "1234_{n}", "created_time": "@%Y-%m-%dT%H:%M:%S+0000"}, "since": ("since", "epoch")}
PAGE_ASKS = {"fields": POST_FIELDS.replace("(", r"\(").replace(")", r"\)"), "since": r"\d+", "limit": 100}
GRAM = {**META, "fixture": "instagram", "bare": {"paging": {}}, "guid": "179000000000{n}", "pages": ("url", "limit"),
        "sets": {"id": "179000000000{n}", "timestamp": "@%Y-%m-%dT%H:%M:%S+0000"}}
THREADS = {**META, "fixture": "threads", "bare": {"paging": {}}, "guid": "180000000000{n}", "pages": ("url", "limit"),
           "sets": {"id": "180000000000{n}", "timestamp": "@%Y-%m-%dT%H:%M:%S+0000"}, "since": ("since", "epoch"),
           "auth": ("exchange",), "token_path": "/refresh_access_token",
           "token_wrong": (400, {"error": {"message": "Error validating access token", "type": "OAuthException", "code": 190}})}
REDDIT = {"fixture": "reddit", "items": "data.children", "bare": {"data.after": None}, "auth": ("client",), "token_path": "/api/v1/access_token",
          "token_wrong": (401, {"message": "Unauthorized", "error": 401}), "wrong": (401, {"message": "Unauthorized", "error": 401}),
          "headers": {"User-Agent": r"linux:escuchad:\S+ \(by /u/acme_mx\)"}, "limited": (429, {"message": "Too Many Requests", "error": 429}),
          "pages": ("token", "after", "data.after"), "token": "t3_t{}", "rate": ("x-ratelimit-remaining", "x-ratelimit-reset", "seconds"),
          "params": {"client": "a1B2c3D4e5", "client_secret": "SECRET", "account": "acme_mx"}, "guid": "t3_{n}"}
LISTING = {**REDDIT, "asks": {"limit": 100, "raw_json": "1", "after": r"t3_t\d+"}, "paths": ["/r/mexico+latam/new"],
           "params": {**REDDIT["params"], "subreddits": "mexico+latam"}, "sets": {"data.name": "t3_{n}", "data.created_utc": "@epoch"}}
MASTODON = {"fixture": "mastodon", "auth": ("bearer",), "wrong": (401, {"error": "The access token is invalid"}),
            "limited": (429, {"error": "Too many requests"}), "rate": ("X-RateLimit-Remaining", "X-RateLimit-Reset", "%Y-%m-%dT%H:%M:%S.000000Z"),
            "guid": "https://toot.example/s/{n}", "serves": 40}
TOOT = {"id": "{n}", "uri": "https://toot.example/s/{n}", "created_at": "@%Y-%m-%dT%H:%M:%S.000Z"}
BLUESKY = {"fixture": "bluesky", "auth": ("session",), "wrong": (400, {"error": "ExpiredToken", "message": "Token has expired"}),
           "limited": (429, {"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"}),
           "rate": ("RateLimit-Remaining", "RateLimit-Reset", "epoch"), "guid": "at://did:plc:aaa/app.bsky.feed.post/{n}",
           "sets": {"uri": "at://did:plc:aaa/app.bsky.feed.post/{n}", "indexedAt": "@%Y-%m-%dT%H:%M:%S.000Z"},
           "told": "AuthenticationRequired", "params": {"handle": "acme.bsky.social", "app_password": "SECRET", "server": "plaza.example"}}
SESSION = ["/xrpc/com.atproto.server.createSession", "/xrpc/com.atproto.server.refreshSession"]
X = {"fixture": "x", "items": "data", "auth": ("bearer",), "wrong": (401, {"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"}),
     "limited": (429, {"title": "Too Many Requests", "detail": "Too Many Requests", "type": "about:blank", "status": 429}),
     "rate": ("x-rate-limit-remaining", "x-rate-limit-reset", "epoch"), "after_id": "since_id", "newest": "meta.newest_id",
     "bare": {"meta": {}}, "guid": "19900000000000{n}", "sets": {"id": "19900000000000{n}", "created_at": "@%Y-%m-%dT%H:%M:%S.000Z"}}
X_ASKS = {"max_results": 100, "since_id": r"\d+", "tweet.fields": r"[a-z_,]+", "expansions": "author_id", "user.fields": r"[a-z_,]+"}
DISCOURSE = {"fixture": "discourse", "auth": ("header", {"Api-Key": "SECRET", "Api-Username": "ana"}),
             "wrong": (403, {"errors": ["You are not permitted to view the requested resource."], "error_type": "invalid_access"}),
             "limited": (429, {"errors": ["You’ve performed this action too many times"], "error_type": "rate_limit", "extras": {"wait_seconds": 9}}),
             "guid": "{n}"}
WORDPRESS = {"fixture": "wordpress", "auth": ("basic",), "since": ("after", "iso"), "order": 1, "serves": 100, "first": 205,
             "wrong": (401, {"code": "incorrect_password", "message": "The provided password is an invalid application password.", "data": {"status": 401}}),
             "limited": (429, {"code": "too_many", "message": "Slow down", "data": {"status": 429}}),
             "params": {"site": "BASE", "query": "acme", "login": "ana", "app_password": "SECRET"},
             "pages": ("number", "page", "per_page", 1, None, "X-WP-TotalPages")}
STACK = {"fixture": "stackexchange", "items": "items", "guid": "7{n}", "sets": {"question_id": "7{n}@int", "creation_date": "@epoch"},
         "auth": ("query", "key"), "since": ("fromdate", "epoch"), "optional_since": True, "serves": 100, "first": 205,
         "pages": ("number", "page", "pagesize", 1, {"has_more": lambda page, n: page + 1 < n}),
         "wrong": (400, {"error_id": 400, "error_message": "`key` is not valid for passed `app`", "error_name": "bad_parameter"}),
         "limited": (400, {"error_id": 502, "error_message": "too many requests from this IP, more requests available in 300 seconds",
                           "error_name": "throttle_violation"})}
STACK_ASKS = {"site": "es.stackoverflow", "sort": "creation", "order": "desc", "fromdate": r"\d+", "pagesize": 100, "page": r"\d+", "filter": "withbody"}
YOUTUBE = {"auth": ("query", "key"), "items": "items", "pages": ("token", "pageToken", "nextPageToken"), "bare": {"nextPageToken": None},
           "wrong": (400, {"error": {"code": 400, "message": "API key not valid. Please pass a valid API key.", "status": "INVALID_ARGUMENT",
                                     "errors": [{"message": "API key not valid.", "domain": "global", "reason": "badRequest"}]}}),
           "limited": (403, {"error": {"code": 403, "message": "The request cannot be completed because you have exceeded your quota.",
                                       "errors": [{"domain": "youtube.quota", "reason": "quotaExceeded"}]}})}
THREADS_OF = {**YOUTUBE, "paths": ["/youtube/v3/commentThreads"], "fixture": "youtube_comments", "guid": "Ug{n}",
              "sets": {"id": "Ug{n}", "snippet.topLevelComment.id": "Ug{n}", "snippet.topLevelComment.snippet.publishedAt": "@%Y-%m-%dT%H:%M:%SZ", "replies": None},
              "asks": {"part": "snippet,replies", "order": "time", "maxResults": 100, "textFormat": "plainText", "pageToken": r"t\d+"}}
RSS = "<rss version='2.0'><channel><title>t</title>{items}</channel></rss>"
ATOM = "<feed xmlns='http://www.w3.org/2005/Atom'><id>t</id><title>t</title>{items}</feed>"
NEWS_ITEM = "<item><title>Acme {n} - Diario</title><link>https://news.example/{n}</link><guid isPermaLink='false'>{n}</guid><pubDate>{when}</pubDate></item>"
ENTRY = "<entry><id>{n}</id><title>Acme {n}</title><link href='https://x.example/{n}'/><updated>{when}</updated></entry>"

STAGES = {
    "appstore": {
        "paths": [f"/mx/rss/customerreviews/page={i}/id=310633997/sortby=mostrecent/json" for i in range(1, 11)], "page_path": r"page=(\d+)/",
        "fixture": "appstore", "items": "feed.entry", "item": 1, "guid": "129{n}", "sets": {"id.label": "129{n}", "updated.label": "@%Y-%m-%dT%H:%M:%S-00:00"},
        "params": {"app": "310633997", "country": "mx"}, "asks": {"page": 10}, "pages": ("number", "page", None), "serves": 50, "first": 105},
    "bingnews": {
        "paths": ["/news/search"], "feed": RSS, "item": NEWS_ITEM, "when": "rfc822", "guid": "{n}", "params": {"query": "acme"},
        "asks": {"q": "acme", "format": "rss", "setlang": "es", "cc": "MX"}},
    "bluesky": {
        **BLUESKY, "paths": ["/xrpc/app.bsky.feed.searchPosts", *SESSION], "items": "posts", "params": {**BLUESKY["params"], "query": "acme"},
        "bare": {"cursor": None}, "pages": ("token", "cursor", "cursor"), "since": ("since", "iso"),
        "asks": {"q": "acme", "sort": "latest", "limit": 100, "since": r"[\dT:.-]+Z", "lang": "es", "cursor": r"t\d+"}},
    "bluesky-mentions": {
        **BLUESKY, "paths": ["/xrpc/app.bsky.notification.listNotifications", *SESSION], "items": "posts", "bare": {"cursor": None},
        "pages": ("token", "cursor", "cursor"), "asks": {"reasons": "mention,reply,quote", "limit": 100, "cursor": r"t\d+"}},
    "discourse": {
        **DISCOURSE, "paths": ["/posts.json"], "items": "latest_posts", "sets": {"id": "{n}@int", "created_at": "@%Y-%m-%dT%H:%M:%S.000Z"},
        "params": {"base": "BASE", "key": "SECRET", "api_user": "ana"}, "asks": {"before": r"\d+"}, "pages": ("before", "before", "")},
    "discourse-search": {
        **DISCOURSE, "paths": ["/search.json"], "fixture": "discourse", "items": "latest_posts", "under": "posts",
        "sets": {"id": "{n}@int", "created_at": "@%Y-%m-%dT%H:%M:%S.000Z"}, "since": ("q", "date"),
        "params": {"base": "BASE", "query": "acme", "key": "SECRET", "api_user": "ana"},
        "asks": {"q": r"acme after:\d{4}-\d\d-\d\d order:latest", "page": 10}, "serves": 50, "first": 105,
        "pages": ("number", "page", None, 1, {"grouped_search_result": lambda page, n: {"more_full_page_results": True if page + 1 < n else None}})},
    "disqus": {
        "paths": ["/api/3.0/posts/list.json"], "fixture": "disqus", "items": "response", "bare": {"cursor": {"hasNext": False}}, "guid": "610{n}",
        "sets": {"id": "610{n}", "createdAt": "@%Y-%m-%dT%H:%M:%S"}, "params": {"forum": "diario", "key": "SECRET"}, "auth": ("query", "api_key"),
        "asks": {"forum": "diario", "related": "thread", "limit": 100, "order": "desc", "since": r"\d+", "cursor": r"t\d+"}, "since": ("since", "epoch"),
        "pages": ("token", "cursor", "cursor.next", "cursor.hasNext"), "rate": ("X-Ratelimit-Remaining", "X-Ratelimit-Reset", "epoch"),
        "wrong": (401, {"code": 5, "response": "Invalid API key"}), "limited": (400, {"code": 13, "response": "You have exceeded your hourly limit of requests"})},
    "facebook-comments": {
        **GRAPH, "paths": ["/v23.0/12_34/comments"], "item": 1, "since": (None, None), "params": {"post": "12_34", "token": "SECRET"},
        "asks": {"fields": "[a-z_,]+", "filter": "stream", "order": "reverse_chronological", "limit": 100}},
    "facebook-tagged": {**GRAPH, "paths": ["/v23.0/1234/tagged"], "params": {"page": "1234", "token": "SECRET"}, "asks": PAGE_ASKS},
    "facebook_feed": {**GRAPH, "paths": ["/v23.0/1234/feed"], "params": {"page": "1234", "token": "SECRET"}, "asks": PAGE_ASKS},
    "gbp": {
        **GOOGLE, **OAUTH, "paths": ["/v4/accounts/12/locations/34/reviews"], "fixture": "gbp", "items": "reviews", "bare": {"nextPageToken": None},
        "guid": "accounts/12/locations/34/reviews/{n}", "sets": {"name": "accounts/12/locations/34/reviews/{n}", "updateTime": "@%Y-%m-%dT%H:%M:%S.400Z"},
        "params": {"account": "12", "location": "34", "client": "c.apps.example", "client_secret": "SECRET", "refresh_token": "SECRET"},
        "auth": ("refresh",), "asks": {"pageSize": 50, "orderBy": "updateTime desc", "pageToken": r"t\d+"}, "pages": ("token", "pageToken", "nextPageToken")},
    "gdelt": {
        "paths": ["/api/v2/doc/doc"], "fixture": "gdelt", "items": "articles", "guid": "https://diario.example/n/{n}",
        "sets": {"url": "https://diario.example/n/{n}", "seendate": "@%Y%m%dT%H%M%SZ"}, "params": {"query": "acme sourcelang:spanish"},
        "asks": {"query": "acme sourcelang:spanish", "mode": "artlist", "format": "json", "maxrecords": 250, "sort": "datedesc", "startdatetime": r"\d{14}", "enddatetime": r"\d{14}"},
        "since": ("startdatetime", "stamp"), "pages": ("one",), "limited": (429, "Please limit requests to one every 5 seconds"), "mute": True},
    "github": {
        "paths": ["/search/issues"], "fixture": "github", "items": "items", "guid": "I_{n}", "sets": {"node_id": "I_{n}", "created_at": "@%Y-%m-%dT%H:%M:%SZ"},
        "params": {"query": "acme", "token": "SECRET"}, "auth": ("bearer",), "since": ("q", "iso"), "pages": ("link", "per_page"), "serves": 100, "first": 205,
        "asks": {"q": r"acme is:issue created:>=[\dT:-]+Z", "sort": "created", "order": "desc", "per_page": 100, "page": 10},
        "headers": {"Accept": "application/vnd.github\\+json", "X-GitHub-Api-Version": "2022-11-28", "User-Agent": ".+"},
        "rate": ("X-RateLimit-Remaining", "X-RateLimit-Reset", "epoch"), "wrong": (401, {"message": "Bad credentials", "documentation_url": "https://docs.example"}),
        "limited": (403, {"message": "API rate limit exceeded for user ID 1."})},
    "google_alerts": {
        "paths": ["/alerts/feeds/12/34"], "feed": ATOM, "item": ENTRY, "when": "%Y-%m-%dT%H:%M:%SZ", "guid": "{n}",
        "params": {"feed": "BASE/alerts/feeds/12/34"}},
    "googlenews": {
        "paths": ["/rss/search"], "feed": RSS, "item": NEWS_ITEM, "when": "rfc822", "guid": "{n}", "params": {"query": "acme when:7d"},
        "asks": {"q": "acme when:7d", "hl": "es-419", "gl": "MX", "ceid": "MX:es-419"}},
    "googleplay": {
        **GOOGLE, **OAUTH, "paths": ["/androidpublisher/v3/applications/com.acme/reviews"], "fixture": "googleplay", "items": "reviews",
        "bare": {"tokenPagination": {}}, "guid": "gp:{n}", "sets": {"reviewId": "gp:{n}", "comments.0.userComment.lastModified.seconds": "@text"},
        "params": {"package": "com.acme", "account_key": "SECRET"}, "auth": ("account",), "asks": {"maxResults": 100, "token": r"t\d+"},
        "pages": ("token", "token", "tokenPagination.nextPageToken")},
    "hackernews": {
        "paths": ["/api/v1/search_by_date"], "fixture": "hackernews", "items": "hits", "guid": "41{n}", "sets": {"objectID": "41{n}", "created_at_i": "@epoch"},
        "params": {"query": "acme"}, "serves": 100, "first": 205, "since": ("numericFilters", "epoch"), "optional_since": True,
        "asks": {"query": "acme", "tags": r"\(story,comment\)", "advancedSyntax": "true", "numericFilters": r"created_at_i>\d+", "hitsPerPage": 1000, "page": 9},
        "pages": ("number", "page", "hitsPerPage", 0, {"page": lambda page, n: page, "nbPages": lambda page, n: n})},
    "instagram": {
        **GRAM, "paths": ["/v23.0/178/recent_media"], "params": {"hashtag": "178", "account": "17", "token": "SECRET"},
        "asks": {"user_id": "17", "fields": "id,caption,media_type,permalink,timestamp,like_count,comments_count", "limit": 50}},
    "instagram-tags": {
        **GRAM, "paths": ["/v23.0/17/tags"], "params": {"account": "17", "token": "SECRET"}, "asks": {"fields": "[a-z_,]+", "limit": 50}},
    "instagram-comments": {
        **GRAM, "paths": ["/v23.0/179/comments"], "params": {"post": "179", "token": "SECRET"}, "asks": {"fields": "[a-z_,]+", "limit": 50}},
    "lemmy": {
        "paths": ["/api/v3/search"], "fixture": "lemmy", "items": "posts", "bare": {"comments": []}, "guid": "https://lemmy.example/post/{n}",
        "sets": {"post.ap_id": "https://lemmy.example/post/{n}", "post.published": "@%Y-%m-%dT%H:%M:%S.123456Z"},
        "params": {"server": "lemmy.example", "query": "acme"}, "asks": {"q": "acme", "type_": "All", "sort": "New", "limit": 50, "page": r"\d+"},
        "serves": 50, "first": 105, "pages": ("number", "page", "limit"), "limited": (400, {"error": "rate_limit_error"})},
    "linkedin": {
        **OAUTH, "paths": ["/rest/organizationalEntityNotifications"], "token_path": "/oauth/v2/accessToken", "fixture": "linkedin", "items": "elements",
        "guid": "urn:li:comment:(urn:li:activity:1,{n})", "sets": {"generatedActivity": "urn:li:comment:(urn:li:activity:1,{n})", "lastModifiedAt": "@epoch_ms"},
        "params": {"organization": "77", "client": "86x", "client_secret": "SECRET", "refresh_token": "SECRET"}, "auth": ("refresh",), "rotates": True,
        "asks": {"q": "criteria", "actions": r"List\(COMMENT,SHARE_MENTION\)", "organizationalEntity": "urn:li:organization:77", "count": 100, "start": r"\d+"},
        "raw": "actions=List(COMMENT,SHARE_MENTION)&",  # Rest.li 2.0: encoded, they would be a text and no list
        "headers": {"LinkedIn-Version": r"20\d{4}", "X-Restli-Protocol-Version": "2.0.0"}, "serves": 100, "first": 205, "pages": ("offset", "start", "count"),
        "wrong": (401, {"status": 401, "serviceErrorCode": 65600, "code": "INVALID_ACCESS_TOKEN", "message": "Invalid access token"}),
        "limited": (429, {"status": 429, "message": "Resource level throttle APPLICATION DAY limit for calls to this resource is reached."})},
    "mastodon": {
        **MASTODON, "paths": ["/api/v1/timelines/tag/acme"], "sets": TOOT, "params": {"server": "toot.example", "tag": "acme", "token": "SECRET"},
        "asks": {"limit": 40, "min_id": r"\d+"}, "pages": ("min", "min_id", "limit"), "second": 85},
    "mastodon-mentions": {
        **MASTODON, "paths": ["/api/v1/notifications"], "wrapped": True, "sets": TOOT, "params": {"server": "toot.example", "token": "SECRET"},
        "asks": {"limit": 80, "min_id": r"\d+", "types[]": "mention"}, "pages": ("min", "min_id", "limit"), "second": 85},
    "mastodon-search": {
        **MASTODON, "paths": ["/api/v2/search"], "under": "statuses", "sets": TOOT, "params": {"server": "toot.example", "query": "acme", "token": "SECRET"},
        "asks": {"q": "acme", "type": "statuses", "limit": 40, "offset": r"\d+"}, "pages": ("offset", "offset", "limit"), "first": 85},
    "producthunt": {
        "paths": ["/v2/api/graphql"], "fixture": "producthunt", "items": "data.posts.edges", "guid": "900{n}",
        "sets": {"node.id": "900{n}", "node.createdAt": "@%Y-%m-%dT%H:%M:%SZ"}, "params": {"token": "SECRET"}, "auth": ("bearer",),
        "bare": {"data.posts.pageInfo": {"hasNextPage": False}}, "body": {"after": "variables.after", "t": "variables.t"},
        "asks": {"after": r"t\d+", "t": r"[\dT:-]+Z"}, "since": ("t", "iso"),
        "pages": ("token", "after", "data.posts.pageInfo.endCursor", "data.posts.pageInfo.hasNextPage"),
        "rate": ("X-Rate-Limit-Remaining", "X-Rate-Limit-Reset", "seconds"),
        "wrong": (401, {"data": None, "errors": [{"error": "invalid_oauth_token", "error_description": "Please supply a valid access token."}]}),
        "limited": (429, {"data": None, "errors": [{"error": "rate_limit_reached", "error_description": "Sorry."}]})},
    "reddit": {
        **REDDIT, "paths": ["/search"], "sets": {"data.name": "t3_{n}", "data.created_utc": "@epoch"}, "params": {**REDDIT["params"], "query": "acme"},
        "asks": {"q": "acme", "sort": "new", "type": "link", "limit": 100, "raw_json": "1", "after": r"t3_t\d+"}},
    "reddit-comments": {**LISTING, "paths": ["/r/mexico+latam/comments"], "item": 1, "guid": "t1_{n}", "sets": {"data.name": "t1_{n}", "data.created_utc": "@epoch"}},
    "reddit-mentions": {
        **REDDIT, "paths": ["/message/mentions"], "item": 1, "guid": "t1_{n}", "sets": {"data.name": "t1_{n}", "data.created_utc": "@epoch"},
        "auth": ("refresh",), "basic": True, "params": {**REDDIT["params"], "refresh_token": "SECRET"},
        "asks": {"limit": 100, "raw_json": "1", "after": r"t3_t\d+"}},
    "reddit-new": LISTING,
    "reddit-rss": {
        "paths": ["/search.rss"], "feed": ATOM, "item": ENTRY, "when": "%Y-%m-%dT%H:%M:%S+00:00", "guid": "{n}", "auth": ("query", "feed"),
        "params": {"query": "acme", "account": "ana", "token": "SECRET"}, "asks": {"q": "acme", "sort": "new", "user": "ana"},
        "wrong": (403, "<html>Blocked</html>"), "mute": True, "limited": (429, "<html>Too Many Requests</html>")},
    "stackexchange": {
        **STACK, "paths": ["/2.3/search/advanced"], "params": {"query": "acme", "site": "es.stackoverflow", "key": "SECRET"}, "asks": {**STACK_ASKS, "q": "acme"}},
    "stackexchange-tag": {
        **STACK, "paths": ["/2.3/questions"], "params": {"tag": "acme", "site": "es.stackoverflow", "key": "SECRET"}, "asks": {**STACK_ASKS, "tagged": "acme"}},
    "telegram": {
        "paths": ["/botSECRET/getUpdates"], "fixture": "telegram", "items": "result", "guid": "-1001234567890:{n}", "order": 1,
        "sets": {"update_id": "{n}@int", "message.message_id": "{n}@int", "message.date": "@epoch"}, "params": {"token": "SECRET"}, "auth": ("path",),
        "asks": {"offset": r"\d+", "limit": 100, "timeout": 50, "allowed_updates": r'\["message","channel_post","edited_message","callback_query"\]'},
        "serves": 100, "first": 205, "second": 105, "pages": ("updates", "offset", "limit"), "wrong": (401, {"ok": False, "error_code": 401, "description": "Unauthorized"}),
        "limited": (429, {"ok": False, "error_code": 429, "description": "Too Many Requests: retry after 40", "parameters": {"retry_after": 40}})},
    "threads": {
        **THREADS, "paths": ["/v1.0/keyword_search"], "params": {"query": "acme", "token": "SECRET"},
        "asks": {"q": "acme", "search_type": "RECENT", "search_mode": "KEYWORD|TAG", "fields": "[a-z_,]+", "since": r"\d+", "limit": 100}},
    "threads-mentions": {
        **THREADS, "paths": ["/v1.0/me/mentions"], "params": {"token": "SECRET"}, "asks": {"fields": "[a-z_,]+", "since": r"\d+", "limit": 100}},
    "threads-replies": {
        **THREADS, "paths": ["/v1.0/180/conversation"], "params": {"post": "180", "token": "SECRET"}, "since": (None, None),
        "asks": {"fields": "[a-z_,]+", "reverse": "true"}},
    "tiktok": {
        "paths": ["/v2/research/video/query/"], "token_path": "/v2/oauth/token/", "token_wrong": (401, {"error": "invalid_client", "error_description": "Client key or secret is incorrect."}),
        "fixture": "tiktok", "items": "data.videos", "bare": {"data.has_more": False}, "guid": "7173219218917{n}", "sets": {"id": "7173219218917{n}@int", "create_time": "@epoch"},
        "params": {"query": "acme", "region": "MX", "client": "awxxxxxxxxxxxxxx", "client_secret": "SECRET"}, "auth": ("client",),
        "body": {"max_count": "max_count", "cursor": "cursor", "start_date": "start_date", "end_date": "end_date", "word": "query.and.0.field_values.0"},
        "asks": {"fields": "[a-z_,]+", "max_count": 100, "cursor": r"\d+", "start_date": r"\d{8}", "end_date": r"\d{8}", "word": "acme"}, "since": ("start_date", "day"),
        "pages": ("token", "cursor", "data.cursor", "data.has_more"), "token": "{}",
        "wrong": (401, {"error": {"code": "access_token_invalid", "message": "The access token is invalid or not found in the request.", "log_id": "x"}}),
        "limited": (429, {"error": {"code": "rate_limit_exceeded", "message": "The API rate limit was exceeded.", "log_id": "x"}})},
    "trustpilot": {
        "paths": ["/v1/business-units/46d6/reviews"], "fixture": "trustpilot", "items": "reviews", "guid": "aa{n}", "sets": {"id": "aa{n}", "createdAt": "@%Y-%m-%dT%H:%M:%S.000Z"},
        "params": {"business": "46d6", "key": "SECRET"}, "auth": ("header", {"apikey": "SECRET"}), "serves": 100, "first": 205,
        "asks": {"perPage": 100, "page": r"\d+", "orderBy": "createdat.desc"}, "pages": ("number", "page", "perPage"),
        "wrong": (401, {"message": "Invalid API key"}), "limited": (429, {"message": "Too many requests"})},
    "wordpress": {
        **WORDPRESS, "paths": ["/wp-json/wp/v2/posts"], "item": 1, "guid": "https://blog.example/?p={n}",
        "sets": {"guid.rendered": "https://blog.example/?p={n}", "date_gmt": "@%Y-%m-%dT%H:%M:%S"},
        "asks": {"search": "acme", "after": r"[\dT:-]+Z", "orderby": "date", "order": "asc", "per_page": 100, "page": r"\d+", "_embed": "author"}},
    "wordpress-comments": {
        **WORDPRESS, "paths": ["/wp-json/wp/v2/comments"], "guid": "{n}", "sets": {"id": "{n}@int", "date_gmt": "@%Y-%m-%dT%H:%M:%S"},
        "asks": {"search": "acme", "after": r"[\dT:-]+Z", "orderby": "date_gmt", "order": "asc", "per_page": 100, "page": r"\d+"}},
    "x": {
        **X, "paths": ["/2/tweets/search/recent"], "params": {"query": "acme", "token": "SECRET"}, "asks": {**X_ASKS, "query": ".{1,512}", "next_token": r"t\d+"},
        "pages": ("token", "next_token", "meta.next_token")},
    "x-mentions": {
        **X, "paths": ["/2/users/22/mentions"], "params": {"account": "22", "token": "SECRET"}, "asks": {**X_ASKS, "pagination_token": r"t\d+"},
        "pages": ("token", "pagination_token", "meta.next_token")},
    "youtube-video": {
        **THREADS_OF, "params": {"video": "dQw4w9WgXcQ", "key": "SECRET"}, "asks": {**THREADS_OF["asks"], "videoId": "dQw4w9WgXcQ"}},
    "youtube_comments": {
        **THREADS_OF, "params": {"channel": "UC" + "x" * 22, "key": "SECRET"},
        "asks": {**THREADS_OF["asks"], "allThreadsRelatedToChannelId": "UC" + "x" * 22}},
    "youtube_search": {
        **YOUTUBE, "paths": ["/youtube/v3/search"], "fixture": "youtube_search", "params": {"query": "acme", "key": "SECRET"}, "first": 5, "second": 2,
        "guid": "v{n}", "sets": {"id.videoId": "v{n}", "snippet.publishedAt": "@%Y-%m-%dT%H:%M:%SZ"}, "since": ("publishedAfter", "iso"),
        "asks": {"part": "snippet", "type": "video", "order": "date", "q": "acme", "publishedAfter": r"[\dT:-]+Z", "maxResults": 50, "pageToken": r"t\d+"}},
}
