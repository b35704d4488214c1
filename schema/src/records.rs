//! What clients may ask of evidence: fixed types, for records are no department's data items.

/// The root fields.
pub(crate) const FIELDS: &str = r#"  "Who looked at a person's data, newest first: for that person, and for auditors (谁查询了我的信息)."
  accessesTo(citizenId: CitizenId!, "At most 100." first: Int = 20, "A cursor of an earlier page." after: String): AccessRecordConnection
  "Records of what was asked and done, newest first, for auditors."
  accessRecords(filter: AccessRecordFilter, "At most 100." first: Int = 20, "A cursor of an earlier page." after: String): AccessRecordConnection
"#;

/// The types.
pub(crate) const TYPES: &str = r#"
"A page of records."
type AccessRecordConnection {
  "The records with their cursors."
  edges: [AccessRecordEdge!]!
  "The records alone."
  nodes: [AccessRecord!]!
  "Where the page stands."
  pageInfo: PageInfo!
}

"A record of a page."
type AccessRecordEdge {
  "The record."
  node: AccessRecord!
  "Opaque: what `after` takes."
  cursor: String!
}

"One operation on people's data, or an act on evidence itself."
type AccessRecord {
  "The record's name, as the header `yimen-record` gave it."
  id: ID!
  "What happened: QUERY, REFUSED, EXPORT, ERASURE, …"
  kind: String!
  "When it ended."
  at: DateTime!
  "The department that asked."
  department: Department
  "The person or program that asked; for auditors only."
  officer: String
  "The role of the one who asked; for auditors only."
  role: String
  "The division that the one who asked serves; for auditors only."
  division: DivisionCode
  "The code of the stated purpose."
  purpose: String!
  "The purpose in plain words (用途)."
  purposeText: String!
  "The stated case."
  case: String
  "How many people the operation read; for auditors only."
  people: Int
  "ANSWERED, or WITHHELD where nothing was told, or REFUSED where it wasn't run."
  outcome: String!
  "The fields that were asked for (查询的数据项)."
  items: [AccessedItem!]!
  "The proof that the record is in the log."
  proof: AccessProof
}

"A field that was asked for."
type AccessedItem {
  "The field, as `Type.field`."
  coordinate: String!
  "What it is, in Chinese."
  name: String!
  "Whether it was answered clear, reduced or not at all."
  decision: Decision!
}

"The proof that a record is in the log (RFC 6962, 2.1.1), to be checked with the log's public key."
type AccessProof {
  "The record's place."
  index: Int!
  "How many records the signed head counts."
  size: Int!
  "The hash of the entry, in base64."
  leaf: String!
  "The hashes from the entry to the root, in base64."
  path: [String!]!
  "The signed head."
  checkpoint: String!
}

"Conditions on records, all of which a record must meet."
input AccessRecordFilter {
  "About this person."
  citizenId: CitizenId
  "By this person or program."
  officer: String
  "By callers of this department."
  department: Department
  "For this purpose."
  purpose: String
  "In this case."
  case: String
  "Touching this field, as `Type.field`."
  coordinate: String
  "Not before."
  from: DateTime
  "Before."
  to: DateTime
}
"#;
