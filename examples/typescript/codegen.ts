import type { CodegenConfig } from "@graphql-codegen/cli";

// The schema is what one token may use, so that a field that the department may not read doesn't compile.
const config: CodegenConfig = {
  schema: "schema.graphql",
  importExtension: ".js",
  documents: ["src/**/*.ts"],
  generates: {
    "src/generated/": {
      preset: "client",
      config: {
        useTypeImports: true,
        enumsAsTypes: true,
        strictScalars: true,
        // Money and decimals are texts: a JavaScript number would round them.
        scalars: {
          CitizenId: "string",
          DivisionCode: "string",
          Money: "string",
          Decimal: "string",
          Date: "string",
          DateTime: "string",
          YearMonth: "string",
          DocumentText: "string",
          JSON: "unknown",
          _Any: "Record<string, unknown>",
        },
      },
    },
  },
};

export default config;
