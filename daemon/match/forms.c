#include "match/forms.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "match/forms_list.h"
#include "match/forms_verb.h"

/* Each list is sorted: it is searched by halves. All without accents. */

/* What never changes, and what makes sentences. */
static const char *const fixed[] = {
	"ahora",   "algo",      "alguien",  "ante",    "antes", "aqui",  "asi",     "aun",      "aunque",  "ayer",
	"bajo",    "bastante",  "bien",     "cada",    "casi",  "cerca", "como",    "con",      "contra",  "cual",
	"cuando",  "demasiado", "desde",    "despues", "donde", "dos",   "durante", "ella",     "ellas",   "ellos",
	"entre",   "esa",       "esas",     "ese",     "eso",   "esos",  "esta",    "estas",    "este",    "esto",
	"estos",   "hasta",     "hoy",      "jamas",   "lejos", "les",   "los",     "mal",      "mas",     "mañana",
	"mejor",   "menos",     "mientras", "muy",     "nada",  "nadie", "nos",     "nosotros", "nunca",   "otra",
	"otro",    "para",      "peor",     "pero",    "poco",  "por",   "porque",  "pronto",   "pues",    "que",
	"quien",   "segun",     "ser",      "siempre", "sin",   "sobre", "solo",    "sus",      "tambien", "tampoco",
	"tan",     "tanto",     "tarde",    "tras",    "tres",  "una",   "unas",    "uno",      "unos",    "usted",
	"ustedes", "veces",     "vez",      "vos",
};

/* Names in -ar, -er, -ir. */
static const char *const no_verbs[] = {
	"alfiler", "alquiler",   "altar",    "auxiliar",   "ayer",     "azucar",     "bachiller",  "bar",
	"bazar",   "bienestar",  "cancer",   "canciller",  "caracter", "celular",    "circular",   "cluster",
	"collar",  "cualquier",  "dolar",    "ejemplar",   "escolar",  "familiar",   "flyer",      "hangar",
	"hogar",   "influencer", "lider",    "lugar",      "lunar",    "mar",        "master",     "militar",
	"modular", "mujer",      "muscular", "newsletter", "nuclear",  "par",        "particular", "peculiar",
	"pilar",   "placer",     "player",   "popular",    "poster",   "preliminar", "primer",     "regular",
	"router",  "scooter",    "similar",  "singular",   "solar",    "spoiler",    "streamer",   "sueter",
	"taller",  "tercer",     "titular",  "trailer",    "tutelar",  "vehicular",  "youtuber",
};

/* Names in -o without a feminine; those in -cio, -miento, -azo, -ismo, -orio besides. */
static const char *const no_feminines[] = {
	"aeropuerto", "agujero",   "aparato",     "archivo",  "articulo", "asunto",     "auto",     "año",
	"banco",      "baño",      "bicho",       "boleto",   "bolsillo", "cabello",    "cajero",   "calzado",
	"cambio",     "camino",    "campo",       "carro",    "caso",     "centro",     "codigo",   "consumo",
	"contrato",   "correo",    "costo",       "credito",  "cuarto",   "cuerpo",     "daño",     "debito",
	"dedo",       "descuento", "diario",      "dinero",   "efectivo", "ejemplo",    "empleo",   "envio",
	"equipo",     "espacio",   "estado",      "exito",    "fondo",    "formulario", "gasto",    "gobierno",
	"gusano",     "gusto",     "helado",      "horario",  "huevo",    "humo",       "impuesto", "incendio",
	"instituto",  "juego",     "kilo",        "libro",    "litro",    "mercado",    "metodo",   "metro",
	"minuto",     "modelo",    "momento",     "monto",    "motivo",   "mundo",      "negocio",  "numero",
	"objeto",     "odio",      "pelo",        "periodo",  "peso",     "piso",       "plazo",    "pollo",
	"precio",     "premio",    "presupuesto", "producto", "proyecto", "puesto",     "recibo",   "reembolso",
	"regalo",     "reintegro", "requisito",   "rio",      "ruido",    "saldo",      "seguro",   "servicio",
	"siglo",      "sitio",     "sorteo",      "sueldo",   "talento",  "telefono",   "texto",    "tiempo",
	"tipo",       "tiro",      "titulo",      "trabajo",  "trato",    "turno",      "uso",      "vaso",
	"vehiculo",   "veneno",    "vicio",       "video",    "vidrio",   "vuelo",
};

/* Those in -on that have one, and those in -tor, -sor that have none. */
static const char *const women[] = {
	"bribon", "burlon",  "cabron", "campeon", "dormilon", "griton", "huevon",    "ladron",    "lloron", "mamon",
	"mandon", "maricon", "patron", "peaton",  "peleon",   "pelon",  "pregunton", "respondon", "tragon",
};
static const char *const no_women[] = {
	"ascensor", "colector", "conector",  "factor",  "grosor",     "motor",  "reactor",
	"sector",   "sensor",   "televisor", "tractor", "transistor", "vector",
};
static const char *const with_an[] = {
	"alacran", "alquitran", "huracan", "iman", "pan", "plan", "sultan", "titan", "volcan",
};

static int by_text(const void *a, const void *b)
{
	return strcmp(a, *(const char *const *)b);
}
#define IN(word, list) (bsearch((word), (list), ARRAY_LEN(list), sizeof(*(list)), by_text) != NULL)

static bool ends_in(const char *s, size_t len, const char *end)
{
	size_t n = strlen(end);

	return len > n && !memcmp(s + len - n, end, n);
}

static bool ends_in_one(const char *s, size_t len, const char *const *ends)
{
	for (; *ends; ends++)
		if (ends_in(s, len, *ends))
			return true;
	return false;
}

/* The word without its last cut letters, and each ending. */
static void put_all(struct forms_list *l, const char *word, size_t cut, const char *const *endings)
{
	char stem[FORM_MAX_BYTES] = "";

	memcpy(stem, word, strlen(word) - cut);
	for (; *endings; endings++)
		forms_add(l, stem, *endings, NULL);
}
#define PUT(l, word, cut, ...) put_all((l), (word), (cut), (const char *const[]){__VA_ARGS__, NULL})

static bool has_feminine(const char *word, size_t len, bool accented)
{
	static const char *const never[] = {"cio", "miento", "azo", "ismo", "orio", "aje", NULL};
	static const char *const tor[] = {"tor", "sor", NULL};

	if (ends_in(word, len, "o"))
		return !IN(word, no_feminines) && !ends_in_one(word, len, never);
	if (ends_in(word, len, "dor"))
		return true;
	if (ends_in(word, len, "or"))
		return ends_in_one(word, len, tor) && !IN(word, no_women);
	if (ends_in(word, len, "on"))
		return IN(word, women);
	if (ends_in(word, len, "an"))
		return accented && !IN(word, with_an);
	return ends_in(word, len, "es") ? accented : !strcmp(word, "español");
}

/* Articles in a phrase. */
static bool article(struct forms_list *l, const char *word)
{
	static const char *const pairs[][2] = {{"el", "los"}, {"la", "las"}, {"un", "unos"}, {"una", "unas"}};
	size_t i;

	for (i = 0; i < ARRAY_LEN(pairs); i++) {
		if (strcmp(pairs[i][0], word) != 0)
			continue;
		forms_add(l, pairs[i][0], NULL);
		forms_add(l, pairs[i][1], NULL);
		return true;
	}
	return false;
}

/* Names and adjectives. */
static void noun(struct forms_list *l, const char *word, size_t len, bool accented)
{
	bool feminine = has_feminine(word, len, accented);

	forms_add(l, word, NULL);
	switch (word[len - 1]) {
	case 'o':
		PUT(l, word, 0, "s");
		if (feminine)
			PUT(l, word, 1, "a", "as");
		return;
	case 'z':
		PUT(l, word, 1, "ces");
		return;
	case 's':
		if (feminine) /* frances, francesa; crisis and estafas stay */
			PUT(l, word, 0, "a", "as", "es");
		return;
	case 'i':
	case 'u':
		PUT(l, word, 0, "s");
		if (accented)
			PUT(l, word, 0, "es");
		return;
	case 'l':
	case 'n':
	case 'r':
	case 'd':
	case 'y':
	case 'j':
		PUT(l, word, 0, "es");
		if (feminine)
			PUT(l, word, 0, "a", "as");
		return;
	default: /* vowels, and what other languages lend: chats, bots */
		PUT(l, word, 0, "s");
	}
}

/* Letters alone: ASCII's and ñ (the rest is folded). */
static bool is_word(const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (!memcmp(s + i, "ñ", 2))
			i++;
		else if (s[i] < 'a' || s[i] > 'z')
			return false;
	}
	return len > 0;
}

/* Forms that are words of every sentence are dropped; the word itself never. */
static void drop_fixed(struct forms_list *l, const char *word)
{
	size_t i, n = 0;

	for (i = 0; i < l->n; i++) {
		if (strcmp(l->v[i], word) != 0 && IN(l->v[i], fixed))
			continue;
		if (n != i)
			memcpy(l->v[n], l->v[i], sizeof(l->v[0]));
		n++;
	}
	l->n = n;
}

bool forms_of(const char *s, size_t len, bool accented, struct forms_list *ret)
{
	char word[FORM_MAX_BYTES] = "";

	ret->n = 0;
	ret->full = false;
	if (len >= FORM_MAX_BYTES / 2 || !is_word(s, len))
		return false;
	memcpy(word, s, len);
	if (article(ret, word))
		return true;
	if ((IN(word, fixed) && strcmp(word, "ser") != 0) || ends_in(word, len, "mente"))
		return false;
	if (strcmp(word, "ir") != 0 && len < 3)
		return false;
	/* an accent in the last syllable of a verb stands on the i alone: oir, reir */
	if (IN(word, no_verbs) || (accented && !ends_in(word, len, "ir") && !ends_in(word, len, "irse")) ||
	    !forms_verb(ret, word))
		noun(ret, word, len, accented);
	forms_sort(ret);
	drop_fixed(ret, word);
	return ret->n > 1;
}

bool forms_put(struct buf *out, const char *word, size_t len, bool accented)
{
	struct forms_list l;

	if (!forms_of(word, len, accented, &l))
		return false;
	forms_regex(&l, out);
	return true;
}
