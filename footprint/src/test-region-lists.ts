/** Names of regions as their publishers list them, for the test that none is missing. Not made from our own data. */
const words = (text: string): string[] => text.trim().split(/\s+/)

/** Ember, average intensities in co2.js 0.19: alpha-3, without its groups. */
export const EMBER_COUNTRIES = words(`
  ABW AFG AGO ALB ARE ARG ARM ASM ATG AUS AUT AZE BDI BEL BEN BFA BGD BGR BHR BHS BIH BLR BLZ BOL BRA BRB BRN BTN
  BWA CAF CAN CHE CHL CHN CIV CMR COD COG COK COL COM CPV CRI CUB CYM CYP CZE DEU DJI DMA DNK DOM DZA ECU EGY ERI
  ESP EST ETH FIN FJI FLK FRA FRO GAB GBR GEO GHA GIN GLP GMB GNB GNQ GRC GRD GRL GTM GUF GUM GUY HKG HND HRV HTI
  HUN IDN IND IRL IRN IRQ ISL ISR ITA JAM JOR JPN KAZ KEN KGZ KHM KIR KNA KOR KWT LAO LBN LBR LBY LCA LKA LSO LTU
  LUX LVA MAC MAR MDA MDG MDV MEX MKD MLI MLT MMR MNE MNG MOZ MRT MSR MTQ MUS MWI MYS NAM NCL NER NGA NIC NLD NOR
  NPL NRU NZL OMN PAK PAN PER PHL PNG POL PRI PRK PRT PRY PSE PYF QAT REU ROU RUS RWA SAU SDN SEN SGP SLB SLE SLV
  SOM SPM SRB SSD STP SUR SVK SVN SWE SWZ SYC SYR TCA TCD TGO THA TJK TKM TON TTO TUN TUR TWN TZA UGA UKR URY USA
  UZB VCT VEN VGB VIR VNM VUT WSM XKX YEM ZAF ZMB ZWE
`)

/** Electricity Maps, year 2025 in co2.js 0.19. */
export const ELECTRICITY_MAPS_ZONES = words(`
  AE AF AG AL AM AO AR AT AU AU-NSW AU-NT AU-QLD AU-SA AU-TAS AU-TAS-FI AU-TAS-KI AU-VIC AU-WA AU-WA-RI AW AX AZ
  BA BB BD BE BF BG BH BI BJ BN BO BR BR-CS BR-N BR-NE BR-S BS BT BW BY BZ CA CA-AB CA-BC CA-MB CA-NB CA-NL CA-NS
  CA-NT CA-NU CA-ON CA-PE CA-QC CA-SK CA-YT CD CF CG CH CI CL-SEN CM CN CO CR CU CV CW CY CZ DE DJ DK DK-BHM
  DK-DK1 DK-DK2 DM DO DZ EC EE EG ER ES ES-CE ES-CN-FV ES-CN-GC ES-CN-HI ES-CN-IG ES-CN-LP ES-CN-LZ ES-CN-TE
  ES-IB-FO ES-IB-IZ ES-IB-MA ES-IB-ME ES-ML ET FI FJ FK FM FO FO-MI FO-SI FR FR-COR GA GB GB-NIR GB-ORK GE GF GH
  GI GL GM GN GP GQ GR GS GT GU GW GY HK HN HR HT HU ID IE IL IN IN-EA IN-NE IN-NO IN-SO IN-WE IQ IR IS IT IT-CNO
  IT-CSO IT-NO IT-SAR IT-SIC IT-SO JM JO JP JP-CB JP-CG JP-HKD JP-HR JP-KN JP-KY JP-ON JP-SK JP-TH JP-TK KE KG KH
  KM KP KR KW KY KZ LA LB LC LK LR LS LT LU LV LY MA MD ME MG MK ML MM MN MO MQ MR MT MU MV MW MX MY MY-EM MY-WM
  MZ NA NC NE NG NI NL NO NO-NO1 NO-NO2 NO-NO3 NO-NO4 NO-NO5 NP NZ OM PA PE PF PG PH PH-LU PH-MI PH-VI PK PL PM PR
  PS PT PT-MA PW PY QA RE RO RS RU-1 RU-2 RU-AS RW SA SB SC SD SE SE-SE1 SE-SE2 SE-SE3 SE-SE4 SG SI SK SL SN SO SR
  SS ST SV SY SZ TD TG TH TJ TL TM TN TO TR TT TW TZ UG US US-AK US-AK-SEAPA US-CAL-BANC US-CAL-CISO US-CAL-IID
  US-CAL-LDWP US-CAL-TIDC US-CAR-CPLE US-CAR-CPLW US-CAR-DUK US-CAR-SC US-CAR-SCEG US-CAR-YAD US-CENT-SPA
  US-CENT-SWPP US-FLA-FMPP US-FLA-FPC US-FLA-FPL US-FLA-GVL US-FLA-HST US-FLA-JEA US-FLA-SEC US-FLA-TAL US-FLA-TEC
  US-HI US-MIDA-PJM US-MIDW-AECI US-MIDW-LGEE US-MIDW-MISO US-NE-ISNE US-NW-AVA US-NW-BPAT US-NW-CHPD US-NW-DOPD
  US-NW-GCPD US-NW-GRID US-NW-IPCO US-NW-NEVP US-NW-NWMT US-NW-PACE US-NW-PACW US-NW-PGE US-NW-PSCO US-NW-PSEI
  US-NW-SCL US-NW-TPWR US-NW-WACM US-NW-WAUW US-NY-NYIS US-SE-SEPA US-SE-SOCO US-SW-AZPS US-SW-EPE US-SW-PNM
  US-SW-SRP US-SW-TEPC US-SW-WALC US-TEN-TVA US-TEX-ERCO UY UZ VC VE VI VN VU WS XK YE YT ZA ZM ZW
`)

/** Endpoints of botocore 1.44.5, public, government and China; without the secret regions. */
export const AWS_REGIONS = words(`
  af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 ap-southeast-1
  ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7 ca-central-1 ca-west-1
  eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3 il-central-1
  me-central-1 me-south-1 me-west-1 mx-central-1 sa-east-1 sa-west-1 us-east-1 us-east-2 us-west-1 us-west-2
  cn-north-1 cn-northwest-1 us-gov-east-1 us-gov-west-1 eusc-de-east-1
`)

/** Display names of Microsoft's list of regions (learn.microsoft.com, 2026), government and China; one a line. */
export const AZURE_REGIONS = `
  Australia Central
  Australia Central 2
  Australia East
  Australia Southeast
  Austria East
  Belgium Central
  Brazil South
  Brazil Southeast
  Canada Central
  Canada East
  Central India
  Central US
  Chile Central
  Denmark East
  East Asia
  East US
  East US 2
  France Central
  France South
  Germany North
  Germany West Central
  Indonesia Central
  Israel Central
  Italy North
  Japan East
  Japan West
  Jio India Central
  Jio India West
  Korea Central
  Korea South
  Malaysia West
  Mexico Central
  New Zealand North
  North Central US
  North Europe
  Norway East
  Norway West
  Poland Central
  Qatar Central
  South Africa North
  South Africa West
  South Central US
  South India
  Southeast Asia
  Spain Central
  Sweden Central
  Sweden South
  Switzerland North
  Switzerland West
  Taiwan North
  UAE Central
  UAE North
  UK South
  UK West
  West Central US
  West Europe
  West India
  West US
  West US 2
  West US 3
  US Gov Arizona
  US Gov Texas
  US Gov Virginia
  US DoD East
  US DoD Central
  China East
  China East 2
  China East 3
  China North
  China North 2
  China North 3
`
  .trim()
  .split(/\n\s*/)

/** Google Cloud, locations (docs.cloud.google.com, 2026). */
export const GCP_REGIONS = words(`
  africa-south1 asia-east1 asia-east2 asia-northeast1 asia-northeast2 asia-northeast3 asia-south1 asia-south2
  asia-southeast1 asia-southeast2 australia-southeast1 australia-southeast2 europe-central2 europe-north1
  europe-north2 europe-southwest1 europe-west1 europe-west10 europe-west12 europe-west2 europe-west3 europe-west4
  europe-west6 europe-west8 europe-west9 me-central1 me-central2 me-west1 northamerica-northeast1
  northamerica-northeast2 northamerica-south1 southamerica-east1 southamerica-west1 us-central1 us-east1 us-east4
  us-east5 us-south1 us-west1 us-west2 us-west3 us-west4
`)
