// What a program with fhir-kit-client asks of a FHIR base (the first argument); the answers as one JSON object.
import Client from "fhir-kit-client";

const client = new Client({ baseUrl: process.argv[2] });
const CPT = "http://www.ama-assn.org/go/cpt";
const HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets";
const lookup = { resourceType: "CodeSystem", name: "lookup" };
const asked = { system: HCPCS, code: "A0425", date: "2026-10-15" };

const refused = await client
  .operation({ ...lookup, method: "GET", input: { ...asked, code: "NONE" } })
  .then(() => null, (error) => ({ status: error.response.status, outcome: error.response.data }));

const found = {
  capabilities: await client.capabilityStatement(),
  lookup: await client.operation({ ...lookup, method: "GET", input: asked }),
  posted: await client.operation({
    ...lookup,
    input: {
      resourceType: "Parameters",
      parameter: [
        { name: "system", valueUri: HCPCS },
        { name: "code", valueCode: "A0425" },
        { name: "date", valueDate: "2026-10-15" },
      ],
    },
  }),
  validated: await client.operation({
    resourceType: "CodeSystem",
    name: "validate-code",
    method: "GET",
    input: { url: CPT, code: "99213", date: "2026-10-15" },
  }),
  expanded: await client.operation({
    resourceType: "ValueSet",
    name: "expand",
    method: "GET",
    input: { url: `${CPT}/vs`, filter: "9921", count: 5 },
  }),
  read: await client.read({ resourceType: "CodeSystem", id: "hcpcs" }),
  searched: await client.search({ resourceType: "CodeSystem", searchParams: { _id: "hcpcs" } }),
  refused,
};
process.stdout.write(JSON.stringify(found));
