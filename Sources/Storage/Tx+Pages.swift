// SPDX-License-Identifier: Apache-2.0
package import Quantities

/// A row that belongs to one organisation.
package protocol OwnedRecord: Record {
    /// The tenant.
    var organisation: OrganisationID { get }
}

extension APIKeyRecord: OwnedRecord {}
extension GatewayAccountRecord: OwnedRecord {}
extension SiteRecord: OwnedRecord {}
extension StationRecord: OwnedRecord {}
extension EVSERecord: OwnedRecord {}
extension TariffRecord: OwnedRecord {}
extension TariffVersionRecord: OwnedRecord {}
extension QuoteRecord: OwnedRecord {}
extension AccountRecord: OwnedRecord {}
extension WalletRecord: OwnedRecord {}
extension TokenRecord: OwnedRecord {}
extension BillRecord: OwnedRecord {}
extension CheckoutRecord: OwnedRecord {}
extension PaymentRecord: OwnedRecord {}
extension SessionRecord: OwnedRecord {}
extension DocumentRecord: OwnedRecord {}
extension WorkItemRecord: OwnedRecord {}
extension EventRecord: OwnedRecord {}
extension SettlementImportRecord: OwnedRecord {}
extension AuditRecord: OwnedRecord {}
extension WebhookEndpointRecord: OwnedRecord {}
extension WebhookDeliveryRecord: OwnedRecord {}

/// The name of a column, from a literal of ours: nothing foreign can become part of a statement.
package struct Column: Hashable, Sendable, ExpressibleByStringLiteral {
    let name: String

    package init(stringLiteral value: StaticString) { name = value.description }
}

/// Which rows of an organisation a list shows, and which page of them.
package struct ListFilter: Sendable, Hashable {
    /// A column has one of these values.
    package var equal: [Column: [String]] = [:]
    /// A column of time is at this instant or later.
    package var from: [Column: Instant] = [:]
    /// A column of time is before this instant.
    package var to: [Column: Instant] = [:]
    /// Words of the client's own that the row has.
    package var metadata: [String: String] = [:]
    /// Columns that are NULL.
    package var empty: [Column] = []
    /// Payments into, from, or for a bill of one of these accounts; empty for all. Of no other kind of row.
    package var payers: [String] = []
    /// The id after which the page begins (older rows), if any.
    package var after: String?
    /// The id before which the page ends (newer rows), if any.
    package var before: String?
    /// How many rows, 1 to 200.
    package var limit = 50

    package init() {}
}

extension Tx {
    /// A page of an organisation's rows, newest first, and whether more follow in the direction of reading.
    ///
    /// Ids begin with the time they were made, so a page stays where it is when new rows come.
    package func page<R: OwnedRecord>(
        of type: R.Type, for organisation: OrganisationID, _ filter: ListFilter = ListFilter()
    ) throws -> (rows: [R], hasMore: Bool) {
        var condition = "organisation = $1"
        var values: [SQLValue] = [.text(organisation.text)]
        func add(_ value: SQLValue) -> String {
            values.append(value)
            return "$\(values.count)"
        }
        for (column, wanted) in filter.equal.sorted(by: { $0.key.name < $1.key.name }) {
            guard !wanted.isEmpty else { continue }
            condition += " AND \(column.name) IN (\(wanted.map { add(.text($0)) }.joined(separator: ", ")))"
        }
        for (column, instant) in filter.from.sorted(by: { $0.key.name < $1.key.name }) {
            condition += " AND \(column.name) >= \(add(.int(instant.nanoseconds)))"
        }
        for (column, instant) in filter.to.sorted(by: { $0.key.name < $1.key.name }) {
            condition += " AND \(column.name) < \(add(.int(instant.nanoseconds)))"
        }
        for (key, value) in filter.metadata.sorted(by: { $0.key < $1.key }) {
            // Both engines take the key as it is; only SQLite would read one that begins with $ as a path.
            guard !key.hasPrefix("$") else {
                condition += " AND 1 = 0"
                continue
            }
            condition += " AND metadata ->> CAST(\(add(.text(key))) AS TEXT) = \(add(.text(value)))"
        }
        if !filter.payers.isEmpty {
            // A payment knows its account by what it is for; only a saved card's names the account itself.
            let accounts = filter.payers.map { add(.text($0)) }.joined(separator: ", ")
            condition += """
                 AND (account IN (\(accounts)) OR wallet IN (SELECT id FROM wallet WHERE account IN (\(accounts)))
                 OR bill IN (SELECT id FROM bill WHERE account IN (\(accounts))))
                """
        }
        for column in filter.empty { condition += " AND \(column.name) IS NULL" }
        if let after = filter.after { condition += " AND id < \(add(.text(after)))" }
        if let before = filter.before { condition += " AND id > \(add(.text(before)))" }
        let isBackward = filter.before != nil && filter.after == nil
        var found = try all(
            type, where: SQL(raw: condition), values, orderBy: isBackward ? "id" : "id DESC",
            limit: filter.limit + 1)
        let hasMore = found.count > filter.limit
        if hasMore { found.removeLast() }
        return (isBackward ? found.reversed() : found, hasMore)
    }
}
