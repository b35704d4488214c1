// A help centre checks a worker's file against what other departments tell it.
// YIMEN_URL, YIMEN_TOKEN and YIMEN_PURPOSE say where, as whom and why; YIMEN_CASE in which case the worker has
// authorised it. The first argument is whom.
import { Client, fetchExchange } from "@urql/core";
import { graphql } from "./generated/index.js";

const CheckFile = graphql(`
  query CheckFile($citizenId: CitizenId!) {
    person(citizenId: $citizenId) {
      name
      hasRentalSubsidy
      unionFiles {
        fileNo
        status
        targetClass
      }
    }
  }
`);

const { YIMEN_URL, YIMEN_TOKEN, YIMEN_PURPOSE, YIMEN_CASE } = process.env;
const citizenId = process.argv[2];
if (!YIMEN_URL || !YIMEN_TOKEN || !YIMEN_PURPOSE || !YIMEN_CASE || !citizenId) {
  throw new Error("set YIMEN_URL, YIMEN_TOKEN, YIMEN_PURPOSE and YIMEN_CASE, and name a citizen number");
}

const client = new Client({
  url: `${YIMEN_URL}/graphql`,
  exchanges: [fetchExchange],
  preferGetMethod: false,
  fetchOptions: {
    headers: { authorization: `Bearer ${YIMEN_TOKEN}`, "yimen-purpose": YIMEN_PURPOSE, "yimen-case": YIMEN_CASE },
  },
});

const { data, error } = await client.query(CheckFile, { citizenId }).toPromise();
if (error?.networkError) throw error.networkError;
// Withheld isn't "no": what wasn't told is listed with its reason.
const withheld = (error?.graphQLErrors ?? []).map(({ path, extensions }) => ({
  path: path?.join("."),
  reason: extensions["reason"] ?? extensions["code"],
}));
const files = data?.person?.unionFiles ?? [];
console.log(JSON.stringify({
  found: data?.person != null,
  files: files.map(({ fileNo, status }) => ({ fileNo, status })),
  hasRentalSubsidy: data?.person?.hasRentalSubsidy ?? null,
  withheld,
}));
