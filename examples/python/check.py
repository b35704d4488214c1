"""A help centre checks a worker's file, with the client `gql`.

YIMEN_URL, YIMEN_TOKEN and YIMEN_PURPOSE say where, as whom and why; YIMEN_CASE in which case the worker has
authorised it. The first argument is whom.
"""

import json
import os
import sys

from gql import Client, GraphQLRequest
from gql.transport.httpx import HTTPXTransport

CHECK_FILE = """
query CheckFile($citizenId: CitizenId!) {
  person(citizenId: $citizenId) {
    name
    hasRentalSubsidy
    unionFiles { fileNo status targetClass }
  }
}
"""


def main() -> None:
    headers = {
        "Authorization": f"Bearer {os.environ['YIMEN_TOKEN']}",
        "Yimen-Purpose": os.environ["YIMEN_PURPOSE"],
        "Yimen-Case": os.environ["YIMEN_CASE"],
    }
    transport = HTTPXTransport(url=f"{os.environ['YIMEN_URL']}/graphql", headers=headers)
    # The document is checked against the schema of this very token before it is sent.
    with Client(transport=transport, fetch_schema_from_transport=True) as session:
        request = GraphQLRequest(CHECK_FILE, variable_values={"citizenId": sys.argv[1]})
        result = session.execute(request, get_execution_result=True)
    person = (result.data or {}).get("person")
    files = (person or {}).get("unionFiles") or []
    # Withheld isn't "no": what wasn't told is listed with its reason.
    withheld = [
        {"path": ".".join(map(str, error["path"])), "reason": error["extensions"].get("reason")}
        for error in (e.formatted if hasattr(e, "formatted") else e for e in result.errors or [])
    ]
    print(
        json.dumps(
            {
                "found": person is not None,
                "files": [{"fileNo": file["fileNo"], "status": file["status"]} for file in files],
                "hasRentalSubsidy": (person or {}).get("hasRentalSubsidy"),
                "withheld": withheld,
            }
        )
    )


if __name__ == "__main__":
    main()
