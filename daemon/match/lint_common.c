/* Words that stand in everybody's texts: as the name of a brand, alone, they bring what nobody meant. Chosen by us: the words
 * that carry a language's grammar, and the everyday nouns, adjectives and verbs that firms like to be called. Folded: without
 * accents, ñ kept. */
#include <string.h>

#include "match/lint_inside.h"

enum { WORD_BYTES = 24 };

static const char spanish[] =
	" a al algo alguien alguno alla ahi ahora antes aqui asi aun aunque bajo bien buena bueno buenas buenos cada "
	"casi como con"
	" contra cosa cosas cual cuando cuanto dar de debe decir del desde despues dia dias dice donde dos durante e "
	"el ella ellas"
	" ellos en entonces entre era es esa ese eso esta estado estan estar este esto estos etc fue fuera gracias "
	"gran grande ha"
	" haber hace hacer hacia han hasta hay he hecho hemos hoy igual ir ja la las le les lo los luego mal mas mejor "
	"menos mi"
	" mientras mio mis mismo momento mucho mucha muchos muy nada nadie ni ninguno no nos nosotros nuestra nuestro "
	"nueva nuevo"
	" nunca o otra otro otros para parece parte pero poco poder por porque primera primero pronto pues puede que "
	"quien quiere"
	" saber se sea seguro ser si sido siempre sin sino sobre solo son soy su sus tal tambien tan tanto te tener "
	"tengo ti tiempo"
	" tiene toda todas todo todos tres tu tus un una uno unos usted va vamos van vaya veces ver vez y ya yo"
	" abierto agua aire alma alto amanecer amigo amigos amor angel arbol arena arte aurora avenida azul banco "
	"barato barrio bella"
	" bello blanca blanco boca calle calidad cama camino campo carro carta casa casas centro cerca cerro cielo "
	"ciudad clara claro"
	" clave coche cocina colonia color comer comida conecta corazon corona correo costa cristal cruz cuenta cuerpo "
	"delta derecho"
	" destino diamante dinero directo dulce empresa encanto energia equipo escuela espacio esperanza espiritu "
	"estrella estrellas"
	" estilo exito familia fe feliz feria fiel flor flores forma fortuna fresca fresco frontera fuego fuente "
	"fuerte fuerza futuro"
	" gente gigante global gloria gol gota grupo gusto hermosa historia hogar hombre hora horizonte ideal idea "
	"imagen impulso"
	" isla jardin joven juego justo laguna leche leon libertad libre libro lider limpio lima linea listo llave "
	"local luna lugar"
	" luz madre maestro magia manera mañana mano mar maravilla mariposa marca maxima mercado mesa mia mina moda "
	"modelo monte"
	" mujer mundial mundo musica nacional natural naturaleza negra negro nido niña niño noche nombre norte nota "
	"noticias nube"
	" oasis obra oceano ojo orbita oro oriente padre pais pan papel paraiso paso patria paz perla piedra piel plan "
	"planeta plata"
	" playa plaza pluma popular precio premio presente primavera prima principal pueblo puente puerta puerto punto "
	"pura puro"
	" rapido raiz rayo real red reina reloj rey rio ritmo roja rojo rosa ruta sabor sal salud san santa santo seda "
	"semana señal"
	" señor servicio sierra siglo silla simple sol solar solucion sonrisa suave sueño suerte super sur tarde "
	"teatro tecnica tele"
	" tema tierra tienda tigre titan toro torre total trabajo tradicion tren trigo triunfo unica unico union "
	"universal universo"
	" valle valor vale vela verano verdad verde viaje vida viento villa vino virgen vista viva vivir vivo voz "
	"vuelo zona ";

static const char english[] = " a about after again all also always am an and any are as at away back be because been "
			      "before being best better big but by"
			      " can come could day did do does done down each even ever every few find first for from "
			      "get give go going good got great had"
			      " has have he help her here high him his home how i if in into is it its just keep know "
			      "last left let life like little long"
			      " look made make man many may me men might more most much must my name need never new "
			      "next no not nothing now of off old on"
			      " once one only open or other our out over own part people place put real right said "
			      "same say see she should show small so"
			      " some something soon still such take team than thank thanks that the their them then "
			      "there these they thing things think"
			      " this those time to today together too two under until up us use very want was way we "
			      "well went were what when where which"
			      " while who why will with without word work world would year yes yet you your"
			      " amazon amber anchor angel apple arrow ash aurora bank base bay beach bear beauty bell "
			      "bird black blue bolt boost box bread"
			      " bridge bright brave bubble capital car care castle chase choice circle city clear "
			      "click close cloud coast compass core"
			      " corner cross crown crystal cup cure dash dawn delta diamond direct dove dream drive "
			      "eagle early earth east easy echo edge"
			      " element energy essential express eye face fair faith family farm fast field fire fish "
			      "fit flash flow flower focus force"
			      " forest forward fox free freedom fresh friend front fuel full fun future galaxy game "
			      "garden gap gas general ghost giant glow"
			      " gold green grid group grow guardian harbor heart hero hill honest hope horizon house "
			      "hub idea ideal impact ink insight iron"
			      " island jaguar joy jump key kind king land leaf legend level liberty light lime line "
			      "link lion local loop love loyal lucky"
			      " luna magic major map market master match matter max meta mint mirror moment money moon "
			      "motion mountain move music native"
			      " nature nest night nike north nova oak ocean omega orange orbit origin oxygen pace park "
			      "path peace peak pearl pilot pine pink"
			      " planet platinum play pluto point polo power premier present pride prime princess pro "
			      "progress promise pulse pure purple quest"
			      " quick radio rain range ranger reach red relay rescue ring rise river road rock rocket "
			      "root rose round royal sail salt"
			      " sapphire save scale school scout sea secure seed shell shield shop silver simple sky "
			      "smart smile snap snow social soft solar"
			      " solid sonic soul source south space spark spirit splash spring sprint square star "
			      "start step stone store storm stream strong"
			      " style summit sun super supreme surface sweet swift target tide tiger titan top total "
			      "touch tower town track trail trend tribe"
			      " true trust turbo twin union unique unity universal urban value vault venture view "
			      "village vision vital voice wave west white"
			      " wild wind window wing winter wish wonder yellow young zone ";

static const char portuguese[] = " a agora ai ainda alem algo alguem algum alguns ali antes ao aos apenas aqui as "
				 "assim ate bem boa bom cada com como contra da"
				 " dar das de dela dele depois desde deve dia dias disse disso diz do dois dos durante "
				 "e ela elas ele eles em entao entre era"
				 " essa esse esta estao estar este eu faz fazer fez foi foram fora gente hoje isso "
				 "isto ja la lhe lo logo mais mal mas me melhor"
				 " mesmo meu meus minha muito muita muitos na nada nao nas nem nenhum no nos nossa "
				 "nosso nova novo num numa nunca o onde ontem"
				 " os ou outra outro para parte pela pelo pode poder por porque pouco pra primeiro "
				 "quais qual quando quanto quase que quem quer"
				 " sao se seja sem sempre ser seu seus sido sim so sob sobre sua suas tal tambem tao "
				 "te tem temos tempo tenho ter teve toda"
				 " todas todo todos tres tu tudo um uma umas uns vai vamos vao ver vez voce voces vou"
				 " abraço agua alegria alto amanha amiga amigo amor anjo arte asa aurora azul banco "
				 "barato beleza bela belo boca branca branco"
				 " brasil brilho caixa caminho campo carro carta casa centro certo ceu cidade clara "
				 "claro coisa cor coraçao correio costa cruz"
				 " dinheiro direto doce energia equilibrio escola espaço esperança estilo estrela "
				 "familia fe feliz festa flor floresta fonte"
				 " força forte fruta futuro gloria gol gosto grande grupo guia historia homem hora "
				 "ideia ideal ilha itau jardim jogo jovem leao"
				 " leite leve liberdade lider linha livre livro loja lua lugar luz mae magia magazine "
				 "mao mar maravilha marca mercado mesa mestre"
				 " mina moda mulher mundial mundo musica nacional natura natural natureza navio negra "
				 "negro ninho nobre noite nome norte noticias"
				 " nuvem obra oceano oi ola olho onda ouro paixao pai pais palavra pao papel paraiso "
				 "passo paz pedra pele perola planeta plano"
				 " ponte ponto porta porto povo praia praça prata preço premio presente primavera "
				 "prima principal puro rainha raiz rapido real"
				 " rede rei ritmo rio rocha rosa rota rua sabor saude seda semana senhor serra serviço "
				 "simples sol solar sonho sorriso sorte sul"
				 " tarde teatro tempero terra tigre torre total trabalho trem trigo unico uniao "
				 "universo vale valor vela ventura verao verdade"
				 " verde viagem vida vila vinho visao vista viva vivo voz ";

static bool in(const char *list, const char *spaced)
{
	return strstr(list, spaced) != NULL;
}

const char *lint_common(const char *word, size_t len)
{
	char spaced[WORD_BYTES + 3];

	if (!len || len > WORD_BYTES || memchr(word, ' ', len))
		return NULL;
	spaced[0] = spaced[len + 1] = ' ';
	memcpy(spaced + 1, word, len);
	spaced[len + 2] = '\0';
	return in(spanish, spaced) ? "es" : in(english, spaced) ? "en" : in(portuguese, spaced) ? "pt" : NULL;
}
