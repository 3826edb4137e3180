// SPDX-License-Identifier: Apache-2.0
import JSONText
import Quantities
import Storage

/// A page of a list, as it was asked for (api.md §1, Pagination).
struct Page: Sendable {
    private let query: Query
    private let path: String
    /// What Storage is asked for.
    var filter = ListFilter()

    /// Reads `limit`, cursors and times of a list whose ids have this prefix. `times` is the column of
    /// `created_from` and `created_to`; nil for rows without one.
    init(_ call: Call, prefix: String, times: Column? = "created_at") throws(Problem) {
        query = call.query
        path = call.path
        filter.limit = Int(query.integer("limit") ?? 50)
        filter.after = try Self.cursor("starting_after", query, prefix)
        filter.before = try Self.cursor("ending_before", query, prefix)
        if filter.after != nil, filter.before != nil {
            throw Problem(
                .invalidCursor, "Send starting_after or ending_before, not both.", at: "?ending_before")
        }
        if let times {
            filter.from[times] = query.instant("created_from")
            filter.to[times] = query.instant("created_to")
        }
    }

    /// Narrows to the values of a query parameter, if it was sent.
    mutating func narrow(_ column: Column, by name: String) {
        let values = query.all(name)
        if !values.isEmpty { filter.equal[column] = values }
    }

    /// Narrows to rows with the words of `metadata[key]=value`.
    mutating func narrowMetadata() {
        for item in query.items where item.name.hasPrefix("metadata[") && item.name.hasSuffix("]") {
            filter.metadata[String(item.name.dropFirst("metadata[".count).dropLast())] = item.value
        }
    }

    /// The page as JSON; `next` keeps every filter.
    func json<R: OwnedRecord>(
        _ rows: [R], hasMore: Bool, id: (R) -> String, shown: (R) throws -> JSON
    ) rethrows -> JSON {
        var next: JSON = .null
        if hasMore, let edge = filter.before == nil ? rows.last : rows.first {
            let cursor = (filter.before == nil ? "starting_after" : "ending_before", id(edge))
            next = .string(address(with: cursor))
        }
        return ["data": .array(try rows.map(shown)), "has_more": .bool(hasMore), "next": next]
    }

    /// This list's address at another place.
    func address(with cursor: (name: String, value: String)) -> String {
        let kept = query.items.filter { !["starting_after", "ending_before"].contains($0.name) }
        let all = [cursor] + kept
        return path + "?"
            + all.map { "\(Query.encoded($0.name))=\(Query.encoded($0.value))" }.joined(separator: "&")
    }

    private static func cursor(_ name: String, _ query: Query, _ prefix: String) throws(Problem) -> String? {
        guard let text = query[name] else { return nil }
        guard text.hasPrefix(prefix + "_"), text.utf8.count <= 80 else {
            throw Problem(
                .invalidCursor, "\"\(text.prefix(40))\" is no \(prefix)_ id.",
                at: JSONPointer(text: "?" + name))
        }
        return text
    }
}

extension Call {
    /// A page of the organisation's rows of one kind.
    func page<R: OwnedRecord>(
        of type: R.Type, _ page: Page, id: @escaping (R) -> String, shown: (R) throws -> JSON
    ) async throws -> Reply {
        let organisation = try organisation
        let caller = caller
        let filter = page.filter
        let (rows, hasMore) = try await read { tx in
            var narrowed = filter
            try caller.narrow(&narrowed, of: type, in: tx)
            return try tx.page(of: type, for: organisation, narrowed)
        }
        return .ok(try page.json(rows, hasMore: hasMore, id: id, shown: shown))
    }
}
