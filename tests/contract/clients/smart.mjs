// fhirclient (the SMART client for JavaScript) against a live server: what it did is printed as one JSON object.
import { createRequire } from 'node:module';

const smart = createRequire(import.meta.url)('fhirclient');
const nowhere = { get: async () => undefined, set: async (_key, value) => value, unset: async () => false };
const api = smart({ headers: {}, url: '/' }, {}, nowhere);
const client = api.client({ serverUrl: process.env.BASE, tokenResponse: { access_token: process.env.TOKEN } });
const status = async (act) => {
  try { await act(); return 0; } catch (error) { return error.status ?? error.statusCode ?? String(error); }
};
const type = 'Group';
const told = {};
told.version = await client.getFhirVersion();
const made = await client.create({ resourceType: type, type: 'person', actual: true, name: 'Walkers' });
told.read = (await client.request({ url: `${type}/${made.id}` })).name;
const match = { 'If-Match': 'W/"1"' };
const changed = await client.update({ ...made, name: 'Runners' }, { headers: match });
told.updated = [changed.name, changed.meta.versionId];
told.stale = await status(() => client.update({ ...made, name: 'Riders' }, { headers: match }));
told.patched = (await client.patch(`${type}/${made.id}`, [{ op: 'replace', path: '/name', value: 'Riders' }])).name;
for (const n of [1, 2, 3, 4]) await client.create({ resourceType: type, type: 'animal', actual: true, name: `Herd ${n}` });
const found = await client.request({ url: `${type}?type=animal&_count=3` }, { pageLimit: 0, flat: true });
told.found = found.map((one) => one.name).sort();
told.missing = await status(() => client.request({ url: `${type}/never` }));
told.invalid = await status(() => client.create({ resourceType: type, type: 'crowd' }));
await client.delete(`${type}/${made.id}`);
told.gone = await status(() => client.request({ url: `${type}/${made.id}` }));
console.log(JSON.stringify(told));
