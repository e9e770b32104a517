"""Barcodes of licences of people who do not exist, as issuers of different years print them."""

from __future__ import annotations

import io

from PIL import Image, ImageFilter

V10 = (
    "@\n\x1e\rANSI 636000100002DL00410288ZV03290031DLDAQT64235789\nDCSSAMPLE\nDDEN\nDACMICHAEL\nDDFN\nDADJOHN\nDDGN\n"
    "DCUJR\nDCAD\nDCBK\nDCDPH\nDBD06062024\nDBB06061986\nDBA12102032\nDBC1\nDAU068 in\nDAYBRO\nDAG2300 WEST BROAD STREET\n"
    "DAIRICHMOND\nDAJVA\nDAK232690000\nDCF2424244747474786102204\nDCGUSA\nDCK123456789\nDDAF\nDDB06062018\nDDC06062020\n"
    "DDD1\rZVZVA01\r"
)
"""The example of the standard itself, with dates moved."""
V8 = (
    "@\n\x1e\rANSI 636014080002DL00410279ZC03200024DLDAQD1234562\nDCSO'BRIEN-GARCIA\nDDEN\nDACMARIA DEL CARMEN\nDDFT\n"
    "DADNONE\nDDGU\nDCAC\nDCBNONE\nDCDNONE\nDBD08292022\nDBB08291977\nDBA08292027\nDBC2\nDAU064 IN\nDAYHAZ\n"
    "DAG2570 24TH STREET APT 3\nDAIANYTOWN\nDAJCA\nDAK958180123\nDCF00/00/0000NNNAN/ANFD/YY\nDCGUSA\nDDAF\nDDB03282010\r"
    "ZCZCABRN\nZCBBLK\r"
)
V4 = (
    "@\n\x1e\rANSI 636026040002DL00410234ZA02750020DLDCSPUBLIC\nDACJOHN\nDADQUINCY\nDCANONE\nDBD01012020\nDBB01011970\n"
    "DBA01012045\nDBC1\nDAU070 in\nDAG123 N MAIN ST\nDAISCOTTSDALE\nDAJAZ\nDAK852510000  \nDAQD12345678\nDCFABC\nDCGUSA\r"
    "ZAZAA1\r"
)
V3_GIVEN_TOGETHER = (
    "@\n\x1e\rANSI 636001030002DL00410199ZN02400016DLDCANONE\nDCBNONE\nDBA05152029\nDCSMOTORIST\nDCTMICHELLE,ANN,MARIE\n"
    "DBD05152021\nDBB05151990\nDBC2\nDAYBRO\nDAU504\nDAG2345 ANYWHERE STREET\nDAIALBANY\nDAJNY\nDAK122220001  \n"
    "DAQ123 456 789\nDCF1\nDCGUSA\rZNZNA1\r"
)
V1_OREGON = (
    "@\n\x1e\rANSI 6360290102DL00390192ZO02310031DLDAQ1234567                 \nDAASAMPLE, ELENA MARIA\nDAG          \n"
    "DAL55555 NAMED DR APT 101\nDAIPORTLAND\nDAJOR\nDAK97006      \nDARC   \nDASBD        \nDAU509\nDAW135\n"
    "DBA20280704\nDBB19800704\nDBC2\nDBD20200704\nZOZOAFIRST LICENSED 07-04-1998\r"
)
V1_MARYLAND = (
    "@\n\x1e\rAAMVA6360030101DL00290175DLDAQT-520-098-009-843\nDAADOE,SUE,,\nDAG9999 FAKE DR\nDAIANYTOWN\nDAJMD\n"
    "DAK21201\nDARC\nDAS\nDAT\nDBA20280101\nDBB19700203\nDBCF\nDBD20200101\nDBHN\r"
)
ONTARIO = (
    "@\n\x1e\rANSI 636012080002DL00410250ZO02910030DLDAQD6101-40706-60905\nDCSSAMPLE\nDDEN\nDACANDREW\nDDFN\nDADJASON\n"
    "DDGN\nDCAG\nDCBX\nDCDNONE\nDBD20230601\nDBB19660905\nDBA20280905\nDBC1\nDAU170 cm\nDAG2690 KEELE STREET\n"
    "DAITORONTO\nDAJON\nDAKM3M2G5     \nDCF*9999999\nDCGCAN\r"
)
IDENTITY_CARD = (
    "@\n\x1e\rANSI 636018090002ID00410241ZI02820014IDDAQ436AS0669\nDCSSAMPLE\nDDEN\nDACPROFILE\nDDFN\nDADSIX\nDDGN\nDCA0\n"
    "DBD01082020\nDBB01011985\nDBA01082028\nDBC9\nDAU068 IN\nDAYBRO\nDAG800 SAMPLE WAY\nDAIAMES\nDAJIA\nDAK500100000  \n"
    "DCF1\nDCGUSA\nDDAF\nDDB06292017\rZIZIA\nZIB\nZIC\r"
)


def a_barcode(
    text: str = V10, *, scale: int = 3, turn: float = 0, blur: float = 0, card: tuple[int, int] = (1700, 1100)
) -> Image.Image:
    """The photo of the back of a card: the barcode on a grey table, turned and out of focus."""
    import zxingcpp

    made = zxingcpp.create_barcode(text.encode("latin-1"), zxingcpp.BarcodeFormat.PDF417)
    symbol = zxingcpp.write_barcode_to_image(made, scale=scale)
    code = Image.fromarray(symbol) if hasattr(symbol, "__array_interface__") else _image(symbol)
    photo = Image.new("L", card, 205)
    photo.paste(code, ((card[0] - code.width) // 2, (card[1] - code.height) // 2))
    if turn:
        photo = photo.rotate(turn, expand=True, fillcolor=120, resample=Image.Resampling.BICUBIC)
    return photo.filter(ImageFilter.GaussianBlur(blur)) if blur else photo


def _image(symbol: object) -> Image.Image:
    view = memoryview(symbol)  # type: ignore[arg-type]
    height, width = view.shape[:2]  # type: ignore[index]
    return Image.frombytes("L", (width, height), view.tobytes())


def jpeg(picture: Image.Image, quality: int = 80) -> bytes:
    """The picture as a file."""
    out = io.BytesIO()
    picture.convert("RGB").save(out, "JPEG", quality=quality)
    return out.getvalue()
