// Fetches the schema that a token may use: node scripts/schema.mjs > schema.graphql
const { YIMEN_URL, YIMEN_TOKEN, YIMEN_PURPOSE } = process.env;
const response = await fetch(`${YIMEN_URL}/schema.graphql`, {
  headers: { authorization: `Bearer ${YIMEN_TOKEN}`, "yimen-purpose": YIMEN_PURPOSE },
});
if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
process.stdout.write(await response.text());
