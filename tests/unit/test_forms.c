#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "match/forms.h"
#include "match/forms_list.h"
#include "match/pattern.h"
#include "match/words.h"

/* All forms of a word, in the order of the alphabet; nothing more. Folded. */
static const struct {
	const char *word, *forms;
} whole[] = {
	{"malo", "mala malas malo malos"},
	{"pésimo", "pesima pesimas pesimo pesimos"},
	{"caro", "cara caras caro caros"},
	{"roto", "rota rotas roto rotos"},
	{"servicio", "servicio servicios"},
	{"producto", "producto productos"},
	{"precio", "precio precios"},
	{"dinero", "dinero dineros"},
	{"tratamiento", "tratamiento tratamientos"},
	{"estafa", "estafa estafas"},
	{"queja", "queja quejas"},
	{"fraude", "fraude fraudes"},
	{"horrible", "horrible horribles"},
	{"estafador", "estafador estafadora estafadoras estafadores"},
	{"vendedor", "vendedor vendedora vendedoras vendedores"},
	{"director", "director directora directoras directores"},
	{"asesor", "asesor asesora asesoras asesores"},
	{"motor", "motor motores"},
	{"error", "error errores"},
	{"color", "color colores"},
	{"voz", "voces voz"},
	{"luz", "luces luz"},
	{"incapaz", "incapaces incapaz"},
	{"ladrón", "ladron ladrona ladronas ladrones"},
	{"cabrón", "cabron cabrona cabronas cabrones"},
	{"decepción", "decepcion decepciones"},
	{"camión", "camion camiones"},
	{"botón", "boton botones"},
	{"charlatán", "charlatan charlatana charlatanas charlatanes"},
	{"plan", "plan planes"},
	{"francés", "frances francesa francesas franceses"},
	{"español", "español española españolas españoles"},
	{"papel", "papel papeles"},
	{"ciudad", "ciudad ciudades"},
	{"mujer", "mujer mujeres"},
	{"celular", "celular celulares"},
	{"taller", "taller talleres"},
	{"dólar", "dolar dolares"},
	{"líder", "lider lideres"},
	{"chat", "chat chats"},
	{"daño", "daño daños"},
	{"peludo", "peluda peludas peludo peludos"},
	{"crisis", NULL},
	{"estafas", NULL},
	{"siempre", NULL},
	{"rápidamente", NULL},
	{"no", NULL},
	{"mal", NULL},
	{"@acme", NULL},
	{"covid19", NULL},
	{"la", "la las"},
	{"el", "el los"},
};

/* Forms that must be among those of a verb, and (behind a -) some that must not. */
static const struct {
	const char *verb, *forms;
} verbs[] = {
	{"cobrar", "cobro cobras cobra cobramos cobran cobre cobraste cobraron cobraba cobrabamos cobrare cobraran "
		   "cobraria cobres "
		   "cobremos cobren cobrara cobrase cobrad cobrado cobrada cobrados cobradas cobrando -cobrio "
		   "-cobrieron -cobriendo"},
	{"comer", "comes comemos comen comi comiste comio comimos comieron comia comian comere comeria coma comamos "
		  "coman comiera comiese "
		  "comed comido comidas comiendo -como"},
	{"subir", "subo sube subimos suben subi subio subieron subia subire suba subamos subiera subid subido subiendo "
		  "-subemos"},
	{"pagar", "pague paguen pagues pago pagaron -page"},
	{"sacar", "saque saquen saco -sace"},
	{"avanzar", "avance avancen avanzo -avanze"},
	{"exigir", "exijo exija exijan exige exigen exigio -exigo"},
	{"distinguir", "distingo distinga distingue -distinguo"},
	{"vencer", "venzo venza vence -venco"},
	{"conocer", "conozco conozca conocen conocio -conoco"},
	{"agradecer", "agradezco agradece agradezcamos"},
	{"conducir", "conduzco conduje condujeron condujera conducen -conducio"},
	{"incluir", "incluyo incluye incluyen incluyo incluyeron incluyendo incluimos incluido incluya -incluio"},
	{"creer", "creo cree creyo creyeron creyendo creido crea -creio"},
	{"cerrar", "cierro cierra cierran cierre cierren cerramos cerro cerraron cerrado cerras -cerrieron"},
	{"pensar", "pienso piensa piensan pensamos pense"},
	{"compensar", "compensa compensan -compiensa"},
	{"presentar", "presenta presenten -presienta"},
	{"recomendar", "recomiendo recomienda recomiende recomendado"},
	{"negar", "niego niegan niegue nieguen neguemos nego"},
	{"empezar", "empiezo empieza empiece empece empezaron"},
	{"entender", "entiendo entiende entienden entendieron entendamos -entiendamos"},
	{"atender", "atiende atienden atendieron atienda atiendan atendido"},
	{"pretender", "pretende pretenden -pretiende"},
	{"perder", "pierdo pierde perdi perdieron perdamos"},
	{"mentir", "miento miente mienten mintio mintieron mintiendo mintamos -mientamos -mentio"},
	{"preferir", "prefiero prefiere prefirio prefiriendo"},
	{"sugerir", "sugiero sugiere sugirieron"},
	{"convertir", "convierte convirtio convirtieron"},
	{"adquirir", "adquiero adquiere adquirio adquirieron"},
	{"contar", "cuento cuentan conte contaron contas"},
	{"encontrar", "encuentro encuentra encontraron encontre"},
	{"mostrar", "muestra muestran mostro"},
	{"demostrar", "demuestra demostraron"},
	{"probar", "pruebo prueba pruebe probado"},
	{"comprobar", "compruebo comprueba"},
	{"volver", "vuelvo vuelve vuelto vuelta vueltos volvieron volvere -volvido"},
	{"devolver",
	 "devuelvo devuelve devuelven devuelvan devuelto devuelta devolvieron devolvio devolveran -devolvido"},
	{"resolver", "resuelve resuelven resuelto resuelta resolvieron"},
	{"colgar", "cuelgan cuelga cuelgue colgo colgaron"},
	{"jugar", "juego juega juegan juegue jugaron"},
	{"mover", "mueve mueven movieron"},
	{"dormir", "duermo duerme durmio durmieron durmiendo durmamos"},
	{"morir", "muere mueren murio murieron muerto muertos muerta muriendo"},
	{"pedir", "pido pide piden pidio pidieron pidiendo pidamos pedimos pedido -pedio"},
	{"despedir", "despiden despidieron despido despedido"},
	{"repetir", "repite repitio repitieron"},
	{"servir", "sirve sirven sirvio sirvieron servimos"},
	{"seguir", "sigo sigue siguen siguio siguieron siguiendo siga sigan seguido -siguyo"},
	{"conseguir", "consigo consigue consiguieron consigan"},
	{"elegir", "elijo elige eligio elija eligieron"},
	{"reir", "rio rie rien rieron riendo ria"},
	{"hacer", "hago hace hacen hice hizo hicieron hare haria haga hagan hecho hecha haciendo haz hiciera -hacio "
		  "-hicio -hacieron"},
	{"deshacer", "deshago deshizo deshecho"},
	{"decir",
	 "digo dice dicen dije dijo dijeron dire diria diga digan dicho diciendo di dijera decimos -dijieron -decio"},
	{"poder",
	 "puedo puede pueden pude pudo pudieron podre podria pueda puedan podamos pudiendo podido pudiera -podere"},
	{"querer", "quiero quiere quieren quise quiso quisieron querre querria quiera queramos querido quisiera"},
	{"ir", "voy vas va vamos van fui fue fueron ire iran iria vaya vayan ido yendo iba iban fuera vete"},
	{"venir", "vengo viene vienen vine vino vinieron vendra vendria venga vengan venido viniendo ven -venio"},
	{"tener", "tengo tiene tienen tuve tuvo tuvieron tendra tendria tenga tengan tenido teniendo ten tuviera"},
	{"mantener", "mantengo mantiene mantuvo mantendra"},
	{"poner", "pongo pone ponen puse puso pusieron pondra ponga puesto puesta poniendo pon -ponido"},
	{"proponer", "propongo propuso propuesto"},
	{"saber", "sabe saben supe supo supieron sabra sabria sepa sepan sabido sabiendo -se -sabere"},
	{"dar", "doy da dan di dio dieron dara daria dando dado deme diera -de"},
	{"ser", "soy es son era eran fui fue fueron sera seria sea sean sido siendo fuera"},
	{"estar", "estoy estan estuvo estuvieron estara estaria esten estaba estado estando -este"},
	{"haber", "hay habia hubo hubieron habra haya"},
	{"ver", "veo ve ven vi vio vieron vera vea visto vista viendo veia viera"},
	{"salir", "salgo sale salio saldra salga saliendo"},
	{"traer", "traigo trae trajo trajeron traiga traido trayendo"},
	{"caer", "caigo cae cayo cayeron caiga cayendo caido"},
	{"oir", "oigo oye oyen oyo oyeron oiga oyendo"},
	{"romper", "rompe rompieron roto rota -rompido"},
	{"abrir", "abre abrieron abierto abierta"},
	{"escribir", "escribe escrito escrita"},
	{"quejarse", "quejo queja quejan queje quejando quejar quejado"},
	{"agregar", "agrega agreguen -agriega"},
	{"mandar", "manda mandaron mandado -mandio"},
	{"vender", "vende vendieron venda vendido vendiendo"},
	{"averiguar", "averiguo averigua averigue"},
};

/* Whether the list holds a form, with pronouns or without. */
static bool holds(const struct forms_list *l, const char *form)
{
	size_t i, n = strlen(form);

	for (i = 0; i < l->n; i++)
		if (!strncmp(l->v[i], form, n) && (!l->v[i][n] || !strcmp(l->v[i] + n, FORM_PRONOUNS)))
			return true;
	return false;
}

/* á becomes a: what folding does, for the few letters of these tables. */
static bool fold(char *to, const char *s)
{
	static const char *const letters[] = {"áa", "ée", "íi", "óo", "úu"};
	bool accent = false;

	while (*s) {
		size_t i;

		for (i = 0; i < ARRAY_LEN(letters) && strncmp(s, letters[i], 2) != 0; i++)
			;
		if (i == ARRAY_LEN(letters)) {
			*to++ = *s++;
			continue;
		}
		*to++ = letters[i][2];
		s += 2;
		accent = true;
	}
	*to = '\0';
	return accent;
}

static bool make(const char *word, struct forms_list *l)
{
	char folded[100];
	bool accent = fold(folded, word);

	return forms_of(folded, strlen(folded), accent, l);
}

static void a_name_has_its_forms_and_no_others(void **state)
{
	size_t i, k, n = 0;

	(void)state;
	for (i = 0; i < ARRAY_LEN(whole); i++) {
		struct forms_list l;
		char got[1000] = "";
		size_t len = 0;

		if (!make(whole[i].word, &l)) {
			assert_null(whole[i].forms);
			continue;
		}
		for (k = 0; k < l.n; k++)
			len += (size_t)snprintf(got + len, sizeof(got) - len, "%s%s", k ? " " : "", l.v[k]);
		assert_non_null(whole[i].forms);
		assert_string_equal(got, whole[i].forms);
		n += l.n;
	}
	assert_true(n > 100);
}

static void verbs_are_conjugated(void **state)
{
	size_t i, n = 0, wrong = 0;

	(void)state;
	for (i = 0; i < ARRAY_LEN(verbs); i++) {
		struct forms_list l;
		const char *s = verbs[i].forms;

		assert_true(make(verbs[i].verb, &l));
		assert_false(l.full);
		while (*s) {
			size_t len = strcspn(s, " ");
			bool no = *s == '-';
			char form[FORM_MAX_BYTES];

			snprintf(form, sizeof(form), "%.*s", (int)len - no, s + no);
			if (holds(&l, form) == no) {
				print_error("%s: %s%s\n", verbs[i].verb, no ? "has " : "has no ", form);
				wrong++;
			}
			n++;
			s += len + (s[len] == ' ');
		}
	}
	assert_true(n > 400);
	assert_int_equal(wrong, 0);
}

static struct pattern *list(const char *words)
{
	struct word w[10];
	size_t n = words_lines(words, strlen(words), w, 10), i;
	struct pattern_spec spec = {.words = w, .n_words = n, .fold = true};
	struct pattern_fault fault;
	struct pattern *p = NULL;

	for (i = 0; i < n; i++)
		w[i].forms = true;
	assert_int_equal(pattern_compile(&spec, &fault, &p), 0);
	return p;
}

/* Folded texts, whole. */
static bool finds(const struct pattern *p, const char *text)
{
	cleanup(pattern_room_freep) struct pattern_room *room = pattern_room_new();
	size_t from, to;

	return pattern_find(p, room, text, strlen(text), 0, &from, &to) == 0 && from == 0 && to == strlen(text);
}

static void pronouns_hang_on(void **state)
{
	cleanup(pattern_freep) struct pattern *p = list("devolver");
	static const char *const yes[] = {"devolverme",   "devolvermelo",  "devuelvanme",    "devuelvanmelo",
					  "devuelveme",   "devolveme",     "devolviendoles", "devolver",
					  "devuelvannos", "devolverselos", "devolverle"};
	static const char *const no[] = {"devolvieronme", "devolvert", "devolviendolex"};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(yes); i++)
		if (!finds(p, yes[i]))
			fail_msg("not found: %s in %s", yes[i], pattern_shown(p));
	for (i = 0; i < ARRAY_LEN(no); i++)
		if (finds(p, no[i]))
			fail_msg("found: %s", no[i]);
}

static void each_word_of_a_phrase_has_its_forms(void **state)
{
	cleanup(pattern_freep) struct pattern *p = list("no funcionar\ncobro indebido\nla tienda cerrada\n@acme malo");

	(void)state;
	assert_true(finds(p, "no funciona"));
	assert_true(finds(p, "no funcionaban"));
	assert_true(finds(p, "cobros indebidos"));
	assert_true(finds(p, "las tiendas cerradas"));
	assert_true(finds(p, "@acme mala"));
	assert_false(finds(p, "nos funciona"));
	assert_false(finds(p, "@acmes mala"));
}

static void an_accent_tells_a_name_from_a_verb(void **state)
{
	cleanup(pattern_freep) struct pattern *p = list("dólar\nreír");

	(void)state;
	assert_true(finds(p, "dolares"));
	assert_false(finds(p, "dolaron"));
	assert_true(finds(p, "reimos"));
}

/* The expression finds each form of the list, whole. */
static void the_expression_is_the_list(void **state)
{
	static const char *const words[] = {"malo",  "estafador", "cobrar", "ir", "ser",
					    "hacer", "español",   "soñar",  "oir"};
	cleanup(pattern_room_freep) struct pattern_room *room = pattern_room_new();
	size_t i, k;

	(void)state;
	for (i = 0; i < ARRAY_LEN(words); i++) {
		cleanup(pattern_freep) struct pattern *p = list(words[i]);
		struct forms_list l;

		assert_true(make(words[i], &l));
		for (k = 0; k < l.n; k++) {
			char form[FORM_MAX_BYTES + 2];

			snprintf(form, sizeof(form), "%.*s", (int)strcspn(l.v[k], FORM_PRONOUNS), l.v[k]);
			if (!finds(p, form))
				fail_msg("%s: not found: %s", words[i], form);
			memcpy(form + strlen(form), "x", 2);
			if (finds(p, form))
				fail_msg("%s: found: %s", words[i], form);
		}
	}
}

static void what_is_too_long_stays_as_it_is(void **state)
{
	struct forms_list l = {.n = 0};
	char word[FORM_MAX_BYTES];
	size_t i;

	(void)state;
	memset(word, 'b', sizeof(word));
	assert_false(forms_of(word, FORM_MAX_BYTES / 2, false, &l));
	memcpy(word + FORM_MAX_BYTES / 2 - 3, "ar", 2);
	assert_true(forms_of(word, FORM_MAX_BYTES / 2 - 1, false, &l));
	assert_false(l.full);
	l.n = 0;
	for (i = 0; i < FORMS_MAX + 1; i++) {
		assert_false(l.full);
		forms_add(&l, "a", NULL);
	}
	assert_true(l.full);
	assert_int_equal(l.n, FORMS_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_has_its_forms_and_no_others),
		cmocka_unit_test(verbs_are_conjugated),
		cmocka_unit_test(pronouns_hang_on),
		cmocka_unit_test(each_word_of_a_phrase_has_its_forms),
		cmocka_unit_test(an_accent_tells_a_name_from_a_verb),
		cmocka_unit_test(the_expression_is_the_list),
		cmocka_unit_test(what_is_too_long_stays_as_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
