/** The one collection of a mock back-end. */
const collection = {
  stac_version: '1.0.0',
  type: 'Collection',
  id: 'SENTINEL2_L2A',
  title: 'Sentinel-2',
  description: 'A collection of nothing.',
  license: 'proprietary',
  extent: {
    spatial: { bbox: [[-180, -90, 180, 90]] },
    temporal: { interval: [['2015-07-06T00:00:00Z', null]] },
  },
  links: [],
  'cube:dimensions': {
    x: { type: 'spatial', axis: 'x', extent: [-180, 180] },
    y: { type: 'spatial', axis: 'y', extent: [-90, 90] },
    t: { type: 'temporal', extent: ['2015-07-06T00:00:00Z', null] },
    bands: { type: 'bands', values: ['B02', 'B03'] },
  },
  summaries: {},
}

const parameter = (name: string, type: string, optional = false): object => ({
  name,
  description: name,
  schema: { type },
  ...(optional ? { optional, default: null } : {}),
})

const process = (id: string, parameters: readonly object[]): object => ({
  id,
  summary: id,
  description: id,
  parameters,
  returns: { description: 'What comes out.', schema: {} },
})

const processes = [
  process('load_collection', [
    parameter('id', 'string'),
    parameter('spatial_extent', 'object'),
    parameter('temporal_extent', 'array'),
    parameter('bands', 'array', true),
  ]),
  process('save_result', [parameter('data', 'object'), parameter('format', 'string')]),
  process('add', [parameter('x', 'number'), parameter('y', 'number')]),
]

const json = { title: 'JSON', gis_data_types: ['raster', 'vector'], parameters: {} }

/** What everybody may read below the root, by path. */
export const publicDocuments: Readonly<Record<string, object>> = {
  '/collections': { collections: [collection], links: [] },
  [`/collections/${collection.id}`]: collection,
  '/processes': { processes, links: [] },
  '/file_formats': { input: { JSON: json }, output: { JSON: json } },
  '/udf_runtimes': {},
  '/service_types': {},
  '/processing_parameters': {
    create_job_parameters: [],
    create_service_parameters: [],
    create_synchronous_parameters: [],
  },
}

/** What somebody who has made nothing yet gets, by path. */
export const personalDocuments: Readonly<Record<string, object>> = {
  '/process_graphs': { processes: [], links: [] },
  '/services': { services: [], links: [] },
  '/files': { files: [], links: [] },
}
