// fhir-kit-client against a live server: what it did is printed as one JSON object.
import { Client } from 'fhir-kit-client';

const client = new Client({ baseUrl: process.env.BASE, bearerToken: process.env.TOKEN });
const status = async (act) => {
  try { await act(); return 0; } catch (error) { return error.response?.status ?? error.statusCode ?? String(error); }
};
const type = 'Group';
const told = {};
told.version = (await client.capabilityStatement()).fhirVersion;
const made = await client.create({ resourceType: type, body: { resourceType: type, type: 'person', actual: true, name: 'Walkers' } });
told.created = Client.httpFor(made).response.status;
told.read = (await client.read({ resourceType: type, id: made.id })).name;
const match = { headers: { 'If-Match': 'W/"1"' } };
const changed = await client.update({ resourceType: type, id: made.id, body: { ...made, name: 'Runners' }, options: match });
told.updated = [changed.name, changed.meta.versionId];
told.stale = await status(() => client.update({ resourceType: type, id: made.id, body: { ...made, name: 'Riders' }, options: match }));
told.old = (await client.vread({ resourceType: type, id: made.id, version: '1' })).name;
told.history = (await client.history({ resourceType: type, id: made.id })).total;
const patched = await client.patch({ resourceType: type, id: made.id, jsonPatch: [{ op: 'replace', path: '/name', value: 'Riders' }] });
told.patched = patched.name;
const bundle = { resourceType: 'Bundle', type: 'transaction', entry: [1, 2, 3, 4].map((n) => ({
  resource: { resourceType: type, type: 'animal', actual: true, name: `Herd ${n}` }, request: { method: 'POST', url: type },
})) };
told.transaction = (await client.transaction({ body: bundle })).entry.map((one) => one.response.status);
let page = await client.search({ resourceType: type, searchParams: { type: 'animal', _count: 3 } });
told.pages = [[page.total, page.entry.length]];
while ((page = await client.nextPage({ bundle: page }))) told.pages.push([page.total, page.entry.length]);
const posted = await client.search({ resourceType: type, searchParams: { type: 'animal' }, options: { postSearch: true } });
told.posted = posted.total;
told.missing = await status(() => client.read({ resourceType: type, id: 'never' }));
told.invalid = await status(() => client.create({ resourceType: type, body: { resourceType: type, type: 'crowd' } }));
await client.delete({ resourceType: type, id: made.id });
told.gone = await status(() => client.read({ resourceType: type, id: made.id }));
console.log(JSON.stringify(told));
