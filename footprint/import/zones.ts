/**
 * Zones of Electricity Maps that have another id here, and what else they are called: ids that were published once stay.
 * WattTime names are from the GSF region table, eGRID subregions are matched by the area that their name states. Which
 * grid stands for a US state or an eGRID subregion that several serve is judgement: the one with most load.
 */
interface ZoneNames {
  readonly id?: string
  readonly name?: string
  readonly watttime?: readonly string[]
  readonly egrid?: readonly string[]
  readonly names?: readonly string[]
}

export const ZONES: Readonly<Record<string, ZoneNames>> = {
  US: { egrid: ['NWPP'] },
  'US-AK': { name: 'Alaska', egrid: ['AKGD', 'AKMS'], names: ['alaska'] },
  'US-HI': { name: 'Hawaii', egrid: ['HIOA', 'HIMS'], names: ['hawaii'] },
  'US-CAL-CISO': {
    id: 'US-CAISO',
    name: 'California (CAISO)',
    watttime: ['CAISO_NORTH'],
    egrid: ['CAMX'],
    names: ['caiso', 'us-cal', 'us-ca', 'california'],
  },
  'US-CAL-LDWP': { name: 'Los Angeles (LDWP)', watttime: ['LDWP'] },
  'US-TEX-ERCO': {
    id: 'US-ERCOT',
    name: 'Texas (ERCOT)',
    watttime: ['ERCOT_NORTHCENTRAL', 'ERCOT_SANANTONIO'],
    egrid: ['ERCT'],
    names: ['ercot', 'us-tx', 'texas'],
  },
  'US-MIDA-PJM': {
    id: 'US-PJM',
    name: 'Virginia, Ohio and the mid-Atlantic (PJM)',
    watttime: ['PJM_DC', 'PJM_SOUTHWEST_OH'],
    egrid: ['RFCE', 'RFCW'],
    names: ['pjm', 'us-va', 'us-oh', 'us-pa', 'us-nj', 'us-md', 'us-de', 'us-dc', 'us-wv', 'virginia'],
  },
  'US-MIDW-MISO': {
    id: 'US-MISO',
    name: 'Midwest (MISO)',
    watttime: ['MISO_MASON_CITY', 'MISO_SPRINGFIELD'],
    egrid: ['MROW', 'MROE', 'RFCM', 'SRMV', 'SRMW'],
    names: ['miso', 'us-ia', 'us-mn', 'us-wi', 'us-mi', 'us-in'],
  },
  'US-CENT-SWPP': {
    id: 'US-SPP',
    name: 'Central plains (SPP)',
    egrid: ['SPNO', 'SPSO'],
    names: ['spp', 'us-ok', 'us-ks', 'us-ne'],
  },
  'US-NW-BPAT': {
    id: 'US-BPA',
    name: 'Pacific Northwest (Bonneville)',
    watttime: ['BPA'],
    names: ['bpat', 'us-wa'],
  },
  'US-NW-PACW': { id: 'US-PACW', name: 'Oregon (PacifiCorp West)', names: ['pacw', 'us-or', 'oregon'] },
  'US-NW-PACE': { id: 'US-PACE', name: 'Utah (PacifiCorp East)', watttime: ['PACE'], names: ['us-ut'] },
  'US-NW-NEVP': { id: 'US-NV', name: 'Nevada', watttime: ['NEVP'], names: ['nevada'] },
  'US-NW-PSCO': { egrid: ['RMPA'] },
  'US-NW-WACM': { watttime: ['WACM'] },
  'US-SW-AZPS': { id: 'US-AZ', name: 'Arizona', watttime: ['AZPS'], egrid: ['AZNM'], names: ['arizona'] },
  'US-NY-NYIS': {
    id: 'US-NYISO',
    name: 'New York',
    watttime: ['NYISO_NYC'],
    egrid: ['NYUP', 'NYCW', 'NYLI'],
    names: ['nyiso', 'us-ny'],
  },
  'US-NE-ISNE': {
    id: 'US-ISONE',
    name: 'New England',
    watttime: ['ISONE_WCMA'],
    egrid: ['NEWE'],
    names: ['isone', 'iso-ne', 'us-ma', 'us-ct', 'us-nh', 'us-me', 'us-ri', 'us-vt'],
  },
  'US-SE-SOCO': {
    id: 'US-SOCO',
    name: 'Georgia and Alabama (Southern)',
    watttime: ['SOCO'],
    egrid: ['SRSO'],
    names: ['us-ga', 'us-al'],
  },
  'US-CAR-DUK': { id: 'US-DUK', name: 'Carolinas (Duke)', egrid: ['SRVC'], names: ['us-nc', 'us-sc'] },
  'US-TEN-TVA': { id: 'US-TVA', name: 'Tennessee (TVA)', egrid: ['SRTV'], names: ['tva', 'us-tn'] },
  'US-FLA-FPL': { egrid: ['FRCC'] },
  PR: { egrid: ['PRMS'] },
  'CA-QC': { name: 'Quebec', watttime: ['HQ'], names: ['quebec'] },
  'CA-ON': { watttime: ['IESO_NORTH'], names: ['ontario'] },
  'CA-AB': { names: ['alberta'] },
  'CA-BC': { names: ['british columbia'] },
  'CA-MB': { names: ['manitoba'] },
  'BR-CS': { name: 'Brazil (south-east)' },
  'CL-SEN': { id: 'CL', name: 'Chile' },
  GB: { name: 'Great Britain', watttime: ['UK'] },
  'GB-NIR': { names: ['northern ireland'] },
  'IT-NO': { name: 'Italy (north)' },
  'SE-SE3': { name: 'Sweden (SE3)' },
  'NO-NO1': { name: 'Norway (NO1)' },
  'DK-DK2': { name: 'Denmark (DK2)' },
  IN: { name: 'India' },
  'IN-WE': { name: 'India (west)' },
  'JP-TK': { name: 'Japan (Tokyo)', watttime: ['JP_TK'] },
  'JP-KN': { name: 'Japan (Kansai)', watttime: ['JP_KN'] },
  MX: { watttime: ['MX_SIN'] },
  'AU-NSW': { name: 'New South Wales', watttime: ['NEM_NSW'], names: ['new south wales'] },
  'AU-VIC': { name: 'Victoria', watttime: ['NEM_VIC'], names: ['victoria'] },
  'AU-QLD': { name: 'Queensland', names: ['queensland'] },
  'AU-SA': { name: 'South Australia', names: ['south australia'] },
  'AU-TAS': { name: 'Tasmania', names: ['tasmania'] },
  'AU-WA': { name: 'Western Australia', names: ['western australia'] },
}

export const idOfZone = (zone: string): string => ZONES[zone]?.id ?? zone
