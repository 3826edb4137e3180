// SPDX-License-Identifier: Apache-2.0
import HTTPTypes
import JSONText

/// `?expand=payment,receipt`: identifiers in an answer become the objects, one level deep (api.md §1).
///
/// An object is read through its own route, with the caller's rights: what the caller may not see stays an identifier.
struct Expansion: Sendable {
    /// The query parameter.
    static let parameter = Query.Parameter(
        name: "expand", shape: .shortText,
        note: "Names of fields, e.g. `payment,receipt`: their identifiers become objects, one level deep.")

    /// Where objects are read, by the prefix of their identifiers.
    static let paths: [String: String] = [
        "acc": "accounts", "chk": "checkouts", "crn": "credit_notes", "evse": "evses", "dsp": "disputes",
        "evt": "events", "inv": "invoices",
        "pay": "payments", "rcp": "receipts", "ref": "refunds", "ses": "sessions", "site": "sites",
        "sta": "stations", "tok": "tokens", "trf": "tariffs", "wal": "wallets", "wki": "work_items",
    ]

    let call: Call

    /// The same reply with what was asked for inside.
    func callAsFunction(_ reply: Reply) async throws -> Reply {
        guard let text = call.query["expand"], case .json(let json) = reply.content else { return reply }
        let names = text.split(separator: ",").map { String($0).trimmingBlanks }
        guard names.count <= 5 else { throw Self.problem("At most five fields at once.") }
        var reply = reply
        if json["has_more"] != nil, let rows = json["data"]?.array {
            var expanded: [JSON] = []
            for row in rows { expanded.append(try await expand(row, names)) }
            reply.content = .json(
                .object((json.object ?? []).map { $0.key == "data" ? .init("data", .array(expanded)) : $0 }))
        } else {
            reply.content = .json(try await expand(json, names))
        }
        return reply
    }

    private func expand(_ json: JSON, _ names: [String]) async throws -> JSON {
        guard var members = json.object else { return json }
        for name in names {
            guard let index = members.firstIndex(where: { $0.key == name }) else {
                throw Self.problem("There is no field \"\(name.prefix(40))\" here.")
            }
            guard let id = members[index].value.string, let object = try await object(id) else { continue }
            members[index].value = object
        }
        return .object(members)
    }

    /// The object behind an identifier, as its own route shows it to this caller; nil if it shows none.
    private func object(_ id: String) async throws -> JSON? {
        guard let prefix = id.split(separator: "_").first, let name = Self.paths[String(prefix)],
            let route = RouteTable.all.routes.first(where: {
                $0.method == .get && $0.path == "/v1/\(name)/{id}"
            }), route.scopes.contains(call.caller.scope),
            call.caller.sites == nil || Narrowing.isOpen(route)
        else { return nil }
        var inner = call
        inner.parameters = ["id": id]
        inner.query = Query(nil)
        do {
            guard case .json(let json) = try await route.handler(inner).content else { return nil }
            return json
        } catch let problem as Problem where problem.code == .notFound {
            return nil
        }
    }

    private static func problem(_ detail: String) -> Problem {
        .invalidField(JSONPointer(text: "?expand"), detail)
    }
}
