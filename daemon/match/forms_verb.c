#include "match/forms_verb.h"

#include <string.h>

#include "base/mem.h"
#include "match/forms_list.h"

/* What a verb does not do as its class does; NULL: it does. Stems without the ending; what stands before inf in a longer
 * verb is put before each. */
struct irregular {
	const char *inf;
	bool whole;           /* this verb alone: sentar, not presentar */
	const char *stressed; /* cuent-o, pid-o */
	const char *first;    /* teng-o, teng-a; before o and a */
	const char *past;     /* strong: tuv-e */
	const char *weak;     /* third persons of the past, gerund: sint-ió, pid-iendo */
	const char *future;   /* tendr-é */
	const char *participle;
	const char *command; /* ten, haz */
};

/* The first row that fits counts: exceptions stand above what they are one of. */
static const struct irregular irregulars[] = {
	/* e, ie */
	{"cerrar", .stressed = "cierr"},
	{"pensar", .whole = true, .stressed = "piens"},
	{"repensar", .stressed = "repiens"},
	{"empezar", .stressed = "empiez"},
	{"comenzar", .stressed = "comienz"},
	{"tropezar", .stressed = "tropiez"},
	{"despertar", .stressed = "despiert"},
	{"negar", .stressed = "nieg"},
	{"regar", .whole = true, .stressed = "rieg"},
	{"fregar", .whole = true, .stressed = "frieg"},
	{"calentar", .stressed = "calient"},
	{"comendar", .stressed = "comiend"},
	{"confesar", .stressed = "confies"},
	{"apretar", .stressed = "apriet"},
	{"gobernar", .stressed = "gobiern"},
	{"acertar", .stressed = "aciert"},
	{"atravesar", .stressed = "atravies"},
	{"sentar", .whole = true, .stressed = "sient"},
	{"temblar", .stressed = "tiembl"},
	{"quebrar", .stressed = "quiebr"},
	{"manifestar", .stressed = "manifiest"},
	{"perder", .stressed = "pierd"},
	{"pretender"},
	{"tender", .stressed = "tiend"},
	{"defender", .stressed = "defiend"},
	{"encender", .stressed = "enciend"},
	{"scender", .stressed = "sciend"},
	{"arrepentir", .stressed = "arrepient", .weak = "arrepint"},
	{"sentir", .stressed = "sient", .weak = "sint"},
	{"mentir", .stressed = "mient", .weak = "mint"},
	{"ferir", .stressed = "fier", .weak = "fir"},
	{"gerir", .stressed = "gier", .weak = "gir"},
	{"herir", .stressed = "hier", .weak = "hir"},
	{"hervir", .stressed = "hierv", .weak = "hirv"},
	{"vertir", .stressed = "viert", .weak = "virt"},
	{"querir", .stressed = "quier", .weak = "quir"},
	{"quirir", .stressed = "quier"},
	/* o, u, ue */
	{"contar", .stressed = "cuent"},
	{"costar", .stressed = "cuest"},
	{"encontrar", .stressed = "encuentr"},
	{"mostrar", .stressed = "muestr"},
	{"probar", .stressed = "prueb"},
	{"cordar", .stressed = "cuerd"},
	{"colgar", .stressed = "cuelg"},
	{"rogar", .whole = true, .stressed = "rueg"},
	{"volar", .whole = true, .stressed = "vuel"},
	{"sonar", .whole = true, .stressed = "suen"},
	{"soñar", .stressed = "sueñ"},
	{"rodar", .whole = true, .stressed = "rued"},
	{"soltar", .stressed = "suelt"},
	{"apostar", .stressed = "apuest"},
	{"almorzar", .stressed = "almuerz"},
	{"forzar", .stressed = "fuerz"},
	{"renovar", .stressed = "renuev"},
	{"colar", .whole = true, .stressed = "cuel"},
	{"consolar", .stressed = "consuel"},
	{"jugar", .whole = true, .stressed = "jueg"},
	{"volver", .stressed = "vuelv", .participle = "vuelto"},
	{"solver", .stressed = "suelv", .participle = "suelto"},
	{"mover", .stressed = "muev"},
	{"llover", .stressed = "lluev"},
	{"doler", .stressed = "duel"},
	{"morder", .stressed = "muerd"},
	{"moler", .stressed = "muel"},
	{"soler", .whole = true, .stressed = "suel"},
	{"oler", .whole = true, .stressed = "huel"},
	{"cocer", .stressed = "cuec", .first = "cuez"},
	{"torcer", .stressed = "tuerc", .first = "tuerz"},
	{"dormir", .stressed = "duerm", .weak = "durm"},
	{"morir", .stressed = "muer", .weak = "mur", .participle = "muerto"},
	/* e, i */
	{"pedir", .stressed = "pid", .weak = "pid"},
	{"medir", .stressed = "mid", .weak = "mid"},
	{"petir", .stressed = "pit", .weak = "pit"},
	{"servir", .stressed = "sirv", .weak = "sirv"},
	{"seguir", .stressed = "sigu", .weak = "sigu", .first = "sig"},
	{"legir", .stressed = "lig", .weak = "lig"},
	{"regir", .stressed = "rig", .weak = "rig"},
	{"vestir", .stressed = "vist", .weak = "vist"},
	{"rendir", .stressed = "rind", .weak = "rind"},
	{"cebir", .stressed = "cib", .weak = "cib"},
	{"freir", .stressed = "fri", .weak = "fr", .participle = "frito"},
	{"reir", .stressed = "ri", .weak = "r"},
	/* their own */
	{"satisfacer", .first = "satisfag", .past = "satisfic", .future = "satisfar", .participle = "satisfecho"},
	{"hacer", .first = "hag", .past = "hic", .future = "har", .participle = "hecho", .command = "haz"},
	{"decir", .stressed = "dic", .first = "dig", .past = "dij", .weak = "dic", .future = "dir",
	 .participle = "dicho", .command = "di"},
	{"poder", .whole = true, .stressed = "pued", .past = "pud", .weak = "pud", .future = "podr"},
	{"poner", .first = "pong", .past = "pus", .future = "pondr", .participle = "puesto", .command = "pon"},
	{"querer", .stressed = "quier", .past = "quis", .future = "querr"},
	{"tener", .stressed = "tien", .first = "teng", .past = "tuv", .future = "tendr", .command = "ten"},
	{"venir", .stressed = "vien", .first = "veng", .past = "vin", .weak = "vin", .future = "vendr",
	 .command = "ven"},
	{"salir", .first = "salg", .future = "saldr", .command = "sal"},
	{"valer", .first = "valg", .future = "valdr"},
	{"caer", .first = "caig"},
	{"traer", .first = "traig", .past = "traj"},
	{"ducir", .first = "duzc", .past = "duj"},
	{"oir", .stressed = "oy", .first = "oig"},
	{"andar", .whole = true, .past = "anduv"},
	{"caber", .whole = true, .first = "quep", .past = "cup", .future = "cabr"},
	{"mecer", .first = "mez"},
	{"romper", .participle = "roto"},
	{"scribir", .participle = "scrito"},
	{"cubrir", .participle = "cubierto"},
	{"abrir", .participle = "abierto"},
	{"imprimir", .participle = "impreso"},
};

/* So irregular that each form is said, but for what is made of two stems: fue-ra, fue-se; habr-e, habr-ia. Left out is what
 * without its accent is a word of every sentence: se, de, este. */
static const struct {
	const char *inf, *past, *future; /* future NULL: inf */
	const char *forms;               /* one blank between; * behind those that pronouns may hang on */
} said[] = {
	{"ser", "fue", NULL,
	 "soy eres es somos sois son sos era eras eramos erais eran fui fuiste fue fuimos fuisteis fueron sea seas "
	 "seamos "
	 "seais sean sed sido siendo"},
	{"ir", "fue", NULL,
	 "voy vas va vamos vais van iba ibas ibamos ibais iban fui fuiste fue fuimos fuisteis fueron vaya vayas "
	 "vayamos "
	 "vayais vayan ido vayanse vayase ve vete id yendo yendose vamonos"},
	{"dar", "die", NULL,
	 "doy das da damos dais dan di diste dio dimos disteis dieron des demos deis den* deme denos dele deles dad "
	 "dado dada dados dadas dando* da*"},
	{"ver", "vie", NULL,
	 "veo ves ve vemos veis ven veia veias veiamos veiais veian vi viste vio vimos visteis vieron vea* veas veamos "
	 "veais vean* ved visto vista vistos vistas viendo*"},
	{"estar", "estuvie", NULL,
	 "estoy estas esta estamos estais estan estuve estuviste estuvo estuvimos estuvisteis estuvieron estes "
	 "estemos esteis esten estaba estabas estabamos estabais estaban estado estando"},
	{"saber", "supie", "sabr",
	 "sabes sabe sabemos sabeis saben supe supiste supo supimos supisteis supieron sepa sepas sepamos sepais "
	 "sepan sabia sabias sabiamos sabiais sabian sabido sabida sabidos sabidas sabiendo"},
	{"haber", "hubie", "habr",
	 "he has ha hemos habeis han hay hube hubiste hubo hubimos hubisteis hubieron haya hayas hayamos hayais hayan "
	 "habia habias habiamos habiais habian habido habiendo"},
};

struct verb {
	struct forms_list *l;
	const char *before; /* de-volver */
	char type;          /* a, e, i */
	char stem[FORM_MAX_BYTES], stressed[FORM_MAX_BYTES], weak[FORM_MAX_BYTES];
	char o[FORM_MAX_BYTES];      /* before o: first person, and the subjunctive of -er and -ir */
	const struct irregular *own; /* never NULL */
};

static bool ends_in(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && !strcmp(s + n - m, end);
}

/* The first len bytes of s, and end: a stem. What would not fit can't be: verbs are shorter than half of it. */
static void join(char to[FORM_MAX_BYTES], const char *s, size_t len, const char *end)
{
	size_t n = strlen(end);

	if (len + n >= FORM_MAX_BYTES)
		len = n = 0;
	memmove(to, s, len);
	memcpy(to + len, end, n);
	to[len + n] = '\0';
}

static void join_all(char to[FORM_MAX_BYTES], const char *s, const char *end)
{
	join(to, s, strlen(s), end);
}

/* before, stem and each ending in turn; the endings end with a NULL. */
static void put_all(struct verb *v, const char *stem, const char *const *endings)
{
	for (; *endings; endings++)
		forms_add(v->l, v->before, stem, *endings, NULL);
}
#define PUT(v, stem, ...) put_all((v), (stem), (const char *const[]){__VA_ARGS__, NULL})

/* The stem as it is written before e where its class has a (pag-ar, pagu-e), or before a and o where it has e, i (exig-ir,
 * exij-o). The sound stays, the letter changes. */
static void respell(char *to, const char *stem, bool before_e)
{
	static const char *const to_e[][2] = {{"gu", "gu"}, {"c", "qu"}, {"g", "gu"}, {"z", "c"}};
	static const char *const to_a[][2] = {{"gu", "g"}, {"qu", "c"}, {"g", "j"}};
	const char *const(*rules)[2] = before_e ? to_e : to_a;
	size_t n = before_e ? ARRAY_LEN(to_e) : ARRAY_LEN(to_a), i;

	for (i = 0; i < n; i++) {
		if (!ends_in(stem, rules[i][0]))
			continue;
		join(to, stem, strlen(stem) - strlen(rules[i][0]), rules[i][1]);
		return;
	}
	join_all(to, stem, "");
}

static bool vowel(char c)
{
	return c && strchr("aeiou", c);
}

/* conoc-er, conozc-o; convenc-er, convenz-o. */
static void first_person(struct verb *v)
{
	size_t n = strlen(v->stressed);

	if (v->own->first)
		join_all(v->o, v->own->first, "");
	else if (v->type != 'a' && n > 1 && v->stressed[n - 1] == 'c')
		join(v->o, v->stressed, n - 1, vowel(v->stressed[n - 2]) ? "zc" : "z");
	else if (v->type != 'a')
		respell(v->o, v->stressed, false);
	else
		join_all(v->o, v->stressed, "");
}

static void present(struct verb *v)
{
	PUT(v, v->o, "o");
	switch (v->type) {
	case 'a':
		PUT(v, v->stressed, "as", "a" FORM_PRONOUNS, "an");
		PUT(v, v->stem, "as", "amos", "ais", "ad", "a" FORM_PRONOUNS);
		break;
	case 'e':
		PUT(v, v->stressed, "es", "e" FORM_PRONOUNS, "en");
		PUT(v, v->stem, "es", "emos", "eis", "ed", "e" FORM_PRONOUNS);
		break;
	default:
		PUT(v, v->stressed, "es", "e" FORM_PRONOUNS, "en");
		PUT(v, v->stem, "imos", "is", "id", "i" FORM_PRONOUNS);
	}
	if (v->own->command)
		PUT(v, v->own->command, FORM_PRONOUNS);
}

static void subjunctive(struct verb *v)
{
	char stressed[FORM_MAX_BYTES], stem[FORM_MAX_BYTES];

	if (v->type == 'a') {
		respell(stressed, v->stressed, true);
		respell(stem, v->stem, true);
		PUT(v, stressed, "e" FORM_PRONOUNS, "es", "en" FORM_PRONOUNS);
		PUT(v, stem, "e", "emos", "eis");
		return;
	}
	PUT(v, v->o, "a" FORM_PRONOUNS, "as", "an" FORM_PRONOUNS);
	if (v->own->first || !v->own->stressed) {
		PUT(v, v->o, "amos", "ais");
	} else { /* perdamos, sintamos */
		respell(stem, v->type == 'i' && v->own->weak ? v->weak : v->stem, false);
		PUT(v, stem, "amos", "ais");
	}
}

/* tuv-e, dij-eron, and tuv-iera. */
static void strong_past(struct verb *v, const char *past)
{
	bool j = ends_in(past, "j");
	char third[FORM_MAX_BYTES];

	if (ends_in(past, "c")) /* hizo */
		join(third, past, strlen(past) - 1, "z");
	else
		join_all(third, past, "");
	PUT(v, past, "e", "iste", "imos", "isteis");
	PUT(v, third, "o");
	PUT(v, past, j ? "eron" : "ieron");
}

static void past_subjunctive(struct verb *v, const char *stem)
{
	PUT(v, stem, "ra", "ras", "ramos", "rais", "ran", "se", "ses", "semos", "seis", "sen");
}

/* What begins with i becomes y behind a vowel: cayó, leyeron, oyendo. */
static const char *glide(const struct verb *v)
{
	size_t n = strlen(v->weak);

	return n && vowel(v->weak[n - 1]) && !ends_in(v->weak, "gu") && !ends_in(v->weak, "qu") ? "y" : "i";
}

static void past(struct verb *v)
{
	char base[FORM_MAX_BYTES];

	if (v->own->past) {
		strong_past(v, v->own->past);
		join_all(base, v->own->past, ends_in(v->own->past, "j") ? "e" : "ie");
	} else if (v->type == 'a') {
		respell(base, v->stem, true);
		PUT(v, base, "e");
		PUT(v, v->stem, "aste", "o", "amos", "asteis", "aron");
		join_all(base, v->stem, "a");
	} else {
		PUT(v, v->stem, "i", "iste", "imos", "isteis");
		join_all(base, v->weak, glide(v));
		PUT(v, base, "o", "eron");
		join_all(base, base, "e");
	}
	past_subjunctive(v, base);
}

static void imperfect(struct verb *v)
{
	if (v->type == 'a')
		PUT(v, v->stem, "aba", "abas", "abamos", "abais", "aban");
	else
		PUT(v, v->stem, "ia", "ias", "iamos", "iais", "ian");
}

static void future(struct verb *v, const char *stem)
{
	PUT(v, stem, "e", "as", "a", "emos", "eis", "an", "ia", "ias", "iamos", "iais", "ian");
}

static void participle(struct verb *v)
{
	const char *whole = v->own->participle;
	char stem[FORM_MAX_BYTES];

	if (!whole || !strcmp(v->own->inf, "freir") || !strcmp(v->own->inf, "imprimir"))
		PUT(v, v->stem, v->type == 'a' ? "ado" : "ido", v->type == 'a' ? "ada" : "ida",
		    v->type == 'a' ? "ados" : "idos", v->type == 'a' ? "adas" : "idas");
	if (!whole)
		return;
	join(stem, whole, strlen(whole) - 1, "");
	PUT(v, stem, "o", "a", "os", "as");
}

static void gerund(struct verb *v)
{
	char stem[FORM_MAX_BYTES];

	join_all(stem, v->type == 'a' ? v->stem : v->weak, v->type == 'a' ? "a" : glide(v));
	PUT(v, stem, v->type == 'a' ? "ndo" FORM_PRONOUNS : "endo" FORM_PRONOUNS);
}

/* The verbs whose every form is said. */
static bool verb_said(struct verb *v, const char *inf)
{
	size_t i, k, n;

	for (i = 0; i < ARRAY_LEN(said) && strcmp(said[i].inf, inf) != 0; i++)
		;
	if (i == ARRAY_LEN(said))
		return false;
	for (k = 0; said[i].forms[k]; k += n + (said[i].forms[k + n] == ' ')) {
		char form[FORM_MAX_BYTES];
		bool pronouns;

		n = strcspn(said[i].forms + k, " ");
		pronouns = said[i].forms[k + n - 1] == '*';
		join(form, said[i].forms + k, n - pronouns, "");
		forms_add(v->l, form, pronouns ? FORM_PRONOUNS : "", NULL);
	}
	forms_add(v->l, inf, FORM_PRONOUNS, NULL);
	future(v, said[i].future ? said[i].future : inf);
	past_subjunctive(v, said[i].past);
	return true;
}

static const struct irregular *irregular_of(const char *inf)
{
	static const struct irregular none = {.inf = ""};
	size_t i;

	for (i = 0; i < ARRAY_LEN(irregulars); i++)
		if (irregulars[i].whole ? !strcmp(inf, irregulars[i].inf) : ends_in(inf, irregulars[i].inf))
			return &irregulars[i];
	return &none;
}

/* inf is what follows before: the verb itself, or the one in the table that it is made of. */
static void stems(struct verb *v, const char *inf)
{
	const struct irregular *own = v->own;
	bool uir = ends_in(inf, "uir") && !ends_in(inf, "guir") && !ends_in(inf, "quir");

	join(v->stem, inf, strlen(inf) - 2, "");
	join_all(v->stressed, own->stressed ? own->stressed : v->stem, uir ? "y" : "");
	join_all(v->weak, own->weak ? own->weak : v->stem, "");
	first_person(v);
}

bool forms_verb(struct forms_list *l, const char *infinitive)
{
	struct verb v = {.l = l, .before = ""};
	char inf[FORM_MAX_BYTES], before[FORM_MAX_BYTES] = "", whole[FORM_MAX_BYTES];
	size_t n = strlen(infinitive), cut;

	if (n > 4 && ends_in(infinitive, "rse"))
		n -= 2;
	if (n < 2 || n >= FORM_MAX_BYTES / 2 || infinitive[n - 1] != 'r' || !strchr("aei", infinitive[n - 2]))
		return false;
	join(inf, infinitive, n, "");
	if (verb_said(&v, inf))
		return true;
	if (n < 4 && strcmp(inf, "oir") != 0)
		return false;
	v.own = irregular_of(inf);
	v.type = inf[n - 2];
	cut = *v.own->inf ? n - strlen(v.own->inf) : 0;
	join(before, inf, cut, "");
	join_all(whole, inf + cut, "");
	v.before = before;
	stems(&v, whole);
	PUT(&v, whole, FORM_PRONOUNS);
	present(&v);
	subjunctive(&v);
	imperfect(&v);
	past(&v);
	future(&v, v.own->future ? v.own->future : whole);
	participle(&v);
	gerund(&v);
	return true;
}
