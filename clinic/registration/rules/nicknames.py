"""Short and pet forms of first names, folded: `bill` and `william` may be one person."""

from __future__ import annotations

from functools import lru_cache

_FORMS = """
abigail abby gail | abraham abe bram | adelaide addie | adriana adri | agnes aggie | agnieszka aga | aisha ayesha
albert al bert bertie | alejandra ale sandra | alejandro ale alex | aleksander olek
alexander alex al sandy sasha xander lex | alexandra alex sandra sandy sasha lexi | alfonso poncho
alfred al fred alf alfie | alice ali | alison ali | amanda mandy | amelia amy millie | andrew andy drew
angela angie | ann annie nan nancy | anna annie ania anneke anouk | annemarie anne | anthony tony ant | antonia toni
antonio tono toni tony | arthur art artie | augustus gus | barbara barb babs basia bobbie | bartholomew bart
beatrice bea trixie | beatriz bea | benjamin ben benny benji | bernard bernie | bertha bertie | bradley brad
brian bri | bridget bridie | calvin cal | cameron cam | carlos charlie carlitos | carol carrie
caroline carrie lina | carolyn carrie | casandra sandra cassie | catharina trijn toos cato
catherine kate cathy katie kathy cat kit kitty | cecilia ceci cissy | charles charlie chuck chas chip
charlotte charlie lottie lotte | christian chris | christina chris tina christie chrissy
christine chris tina chrissy christie | christopher chris kit topher | clarence clare | claudia claudie
clifford cliff | clinton clint | concepcion concha | constance connie | consuelo chelo | cornelia corrie nelly
cornelis kees cor | curtis curt | cynthia cindy | daniel dan danny dani | daniela dani | danielle dani
david dave davy dawid | deborah deb debbie debra | delores dee | dennis denny | diana di | diane di | dirk dick
dmytro dima | dolores lola | dominic dom nick | donald don donnie | dorothy dot dottie dolly | douglas doug
edmund ed eddie ned ted | eduardo lalo edu | edward ed eddie ned ted teddy | edwin ed eddie | elaine lainie
eleanor ellie nell nellie nora | elif eli | elisabeth els lies bep betty
elizabeth liz beth betty lizzie eliza bess betsy libby lisa | emily em emmy | emma em | ernest ernie | esther essie
eugene gene | eva evie | evelyn evie eve | ezekiel zeke | ezra ez | fatima fatma | fernanda fer nanda mafe
fernando fer nando | florence flo flossie | frances fran francie fanny | francis frank fran | francisca paca
francisco paco pancho fran kiko | frank frankie | franklin frank | frederick fred freddie fritz | gabriel gabe gabi
gabriela gabi | gabrielle gabby | gary gaz | genevieve gen viv | geoffrey geoff jeff | george georgie
georgina georgie gina | gerald gerry jerry | geraldine gerry | gerard gerry jerry | gerardus gerard ger
gertrude trudy gert | gilbert gil | giuseppe beppe | gloria glory | grace gracie | gregory greg
guadalupe lupe lupita | guillermo memo | gustavo gus tavo | gwendolyn gwen | hannah han hanna | harold harry hal
harriet hattie | helen nell nellie | helena lena leni | hendrik henk rik | henrietta hettie etta
henry hank harry hal | herbert herb bert | howard howie | hubert bert hugh | ignacio nacho | irene rene
isabel isa izzy belle bel | isabella bella izzy isa | isaac ike zac | isidore izzy | iryna ira | ivan vanya
jacob jake jaap koos | jacoba coba | jacqueline jackie | james jim jimmy jamie jem | jan jannie | jane janie jenny
janet jan | janice jan | jasmine jas yasmin | jeffrey jeff | jennifer jen jenny jenna | jeremiah jerry jem
jeremy jem jerry | jerome jerry | jesse jess | jessica jess jessie | jesus chuy chucho | joan joanie
joanna jo asia | joanne jo | joaquin quino | johanna jo hanneke annie | johannes jan johan hans
john johnny jack jon | jonathan jon jonny nathan | jose pepe chepe | joseph joe joey jos | josefa pepa
josephine jo josie | joshua josh | juan juancho | judith judy | julia jules | julian jules | juliana jules
julie jules | justin jus | karen kari | katarzyna kasia | katherine kate kathy katie kat kay kitty
kathleen kathy kate kay kath | kathryn kate kathy kat | kenneth ken kenny | kevin kev | kimberly kim kimmy
kristen kris kirsty | kristina kris tina | kristine kris tina | lambertus bert | laura laurie lori
laurence larry laurie | lawrence larry laurie lars | leonard leo len lenny | leonardo leo | leroy lee roy
leslie les | lewis lew | lillian lil lily lillie | linda lindy lin | lorenzo enzo | lorraine lori | louis lou louie
louisa lou | louise lou | lucas luke | lucia lucy | lucille lucy lou | luis lucho | magdalena magda lena
malgorzata gosia | manuel manny manolo | manuela manoli | marcus marc mark
margaret maggie meg peggy marge peg rita greta daisy madge | margarita rita marga | maria mary ria mia marie
marianne mary anne | marilyn mary | marjorie marge margie | marlene marlee | martha marty patty | martin marty
martinus martin tinus | mary molly polly mae may | matilda tilly | matthew matt matty | matthijs thijs | maureen mo
maurice mo | maxwell max | maximilian max | maximiliano max | megan meg | melanie mel | melissa mel missy lissa
melvin mel | mercedes merche | michael mike mick mickey micky | michelle shelly | mildred millie | miguel mike migue
miriam mimi | mitchell mitch | mohamed mo | mohammad mo | mohammed mo | montgomery monty | montserrat montse
muhammad mo | nadezhda nadia | nancy nan | natalia nati natasha talia | natalie nat | nataliia natalka
nathan nate nat | nathaniel nate nat nathan | nicholas nick nicky nico | nicolaas klaas nico | nicole nicky nikki
norman norm | oleksandr sasha oles | oleksandra sasha lesia | oliver ollie | olivia liv livvy | oscar ozzie
oswald oz ozzie | pamela pam | patricia pat patty trish tricia paddy | patrick pat paddy rick | paulina pauly
pauline polly | penelope penny | percival percy | peter pete | petrus piet peter | petronella nel nelleke
philip phil pip | philippa pippa | phillip phil | phyllis phyl | prudence prue | rachel rach | rafael rafa
ramon moncho | randall randy | raymond ray | rebecca becky becca reba | reginald reg reggie | ricardo ricky richie
richard rick dick rich richie ricky dickie | robert bob bobby rob robbie bert robin | roberta bobbie robbie
roberto beto | roderick rod rick | rodney rod | roger rog | roland rollie | ronald ron ronnie | rosa rosie rosita
rosalind roz | rosario charo | rose rosie | rosemary rose rosie | roxanne roxy | rudolf rudy | rudolph rudy dolph
russell russ rusty | ruth ruthie | salvador chava | salvatore sal | samantha sam sammy | samuel sam sammy
sandra sandy | santiago santi yago | sarah sally sadie sal | sebastian seb bas | sebastiaan bas | sergio checo
sharon shari | shirley shirl | sidney sid | sophia sophie fia | sophie soph | stanislaw stas staszek | stanley stan
stephanie steph stevie | stephen steve stevie | steven steve stevie | stuart stu | susan sue susie suzy
susanna sue susie | suzanne sue suzy | sylvester sly | sylvia syl | tabitha tabby | tamara tammy | tatiana tanya
teresa terry tess tere | terence terry | theodore ted teddy theo | theodorus theo dorus
theresa terry tess tessa tracy | thomas tom tommy thom | timothy tim timmy | tobias toby | tomasz tomek | tyrone ty
ursula ulla | valerie val | vanessa nessa | vernon vern | veronica ronnie vero | vicente chente | victor vic
victoria vicky tori vicki | vincent vin vinnie vince | vincenzo enzo | viola vi | violet vi | virginia ginny ginger
vivian viv | vladimir vova | volodymyr vova | wallace wally | walter walt wally | wilbur will | wilfred wilf fred
wilhelmina mina wil willy | willem wim pim | william will bill billy willie liam | winifred win winnie freddie
winston win | yevhen zhenya | yvonne vonnie | zachariah zach zak | zachary zach zack zak | zofia zosia
"""
_MOST = 3


def _table() -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for group in _FORMS.replace("\n", " | ").split("|"):
        formal, *short = group.split() or [""]
        for form in (formal, *short):
            found.setdefault(form, {})[formal] = None
    return {form: tuple(formals) for form, formals in found.items() if form}


_TABLE = _table()


@lru_cache(maxsize=16384)
def formal(word: str) -> frozenset[str]:
    """The full forms that a folded first name may stand for; a name that no list knows stands for itself."""
    return frozenset((*_TABLE.get(word, ())[:_MOST], word)) if word in _TABLE else frozenset((word,))


@lru_cache(maxsize=16384)
def main_forms(word: str) -> tuple[str, ...]:
    """The few full forms under which a first name is filed."""
    return _TABLE.get(word, (word,))[:_MOST]
