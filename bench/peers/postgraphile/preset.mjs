// What PostGraphile is told: read only, plain lists instead of connections, no transaction around a read,
// and the keys and relations that views can't declare.

import { makePgService } from "postgraphile/adaptors/pg";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { jsonPgSmartTags } from "postgraphile/utils";

const household = (more) => `(household_id) references household (id)|${more}`;
const person = (column, list) =>
  `(${column}) references person (citizen_id)|@fieldName person|@foreignSimpleFieldName ${list}`;

// A table of somebody's records, which the gateway orders by a day.
const records = (list, { key = "id", column = "citizen_id" } = {}) => ({
  tags: { primaryKey: key, foreignKey: person(column, list) },
});

const tags = {
  version: 1,
  config: {
    class: {
      person: { tags: { primaryKey: "row_no", unique: "citizen_id", foreignKey: household("@fieldName household") } },
      household: { tags: { primaryKey: "id" } },
      household_member: {
        tags: {
          primaryKey: "id",
          foreignKey: [household("@foreignSimpleFieldName members"), person("citizen_id", "memberships")],
        },
      },
      si_enrolment: records("siEnrolments"),
      real_estate_right: records("realEstateRights", { column: "owner_citizen_id" }),
      student_aid: records("studentAids"),
      union_file: records("unionFiles", { key: "file_no" }),
    },
  },
};

export const preset = (connectionString, connections) => ({
  extends: [PostGraphileAmberPreset],
  plugins: [jsonPgSmartTags(tags)],
  pgServices: [
    // Without settings for each request a read needs no transaction; statements are prepared by default.
    makePgService({ connectionString, schemas: ["peer"], poolConfig: { max: connections, min: connections } }),
  ],
  schema: { defaultBehavior: "-connection +list -insert -update -delete", pgOrderByNullsLast: true },
  grafast: { explain: false },
  grafserv: { graphiql: false, watch: false, websockets: false, outputDataAsString: true },
});
