// SPDX-License-Identifier: Apache-2.0

import Billing
import Charging
import Hummingbird
import Quantities
import Storage

/// The console's lists: filters stand in the address, and each page leads to the next.
struct ConsoleLists: Sendable {
    let visit: ConsoleVisit

    private static let rowsPerPage = 50
    private static let mostQuestions = 200
    private var query: Query { visit.page.query }
    private var organisation: OrganisationID { visit.organisation.id }

    /// The page of a list.
    func response(_ list: SiteURL.ConsoleList) async throws -> Response {
        let shown = try visit.shown
        let html = try await visit.page.desk.store.read { tx in
            switch list {
            case .sessions: try sessions(shown, in: tx).html(shown)
            case .stations: try stations(in: tx).html(shown)
            case .tariffs: try tariffs(shown, in: tx).html(shown)
            case .payments: try payments(in: tx).html(shown)
            case .work: try work(in: tx).html(shown)
            case .ledger: try ledger(in: tx).html(shown)
            }
        }
        return visit.page.page(html)
    }

    // MARK: lists of rows

    /// Rows of a page with what comes before and after, kept with the filters in the address.
    private func page<R: OwnedRecord, Shown>(
        of type: R.Type, _ narrow: (inout ListFilter) throws -> Void = { _ in }, in tx: Tx,
        shown: (R) throws -> Shown, id: (R) -> String
    ) throws -> (rows: [Shown], older: String?) {
        var filter = ListFilter()
        filter.limit = Self.rowsPerPage
        filter.after = query["after"]
        try narrow(&filter)
        let (rows, hasMore) = try tx.page(of: type, for: organisation, filter)
        let older = hasMore ? rows.last.map { query.text(with: ("after", id($0))) } : nil
        return (try rows.map(shown), older)
    }

    private func filters(_ states: [String]) -> [ListScreen.Filter] {
        ([nil] + states.map(Optional.some)).map {
            ListScreen.Filter(status: $0, isCurrent: query["status"].nilIfEmpty == $0)
        }
    }

    private func sessions(_ shown: Shown, in tx: Tx) throws -> ListScreen {
        let code = query["point"].nilIfEmpty?.uppercased()
        let evse = try code.flatMap { try tx.evse(code: $0) }
        let (rows, older) = try page(
            of: SessionRecord.self,
            { filter in
                if let status = query["status"].nilIfEmpty { filter.equal["status"] = [status] }
                // A code that nobody has finds nothing.
                if code != nil { filter.equal["evse"] = [evse?.id.text ?? "–"] }
                filter.from["started_at"] = query.date("from").map { shown.midnight(of: $0) }
                filter.to["started_at"] = query.date("to").map {
                    shown.midnight(of: CivilDate(daysSinceEpoch: $0.daysSinceEpoch + 1))
                }
            }, in: tx, shown: { try SessionRow($0, in: tx) }, id: { $0.id.text })
        var screen = ListScreen(
            frame: try visit.frame(in: tx), rows: .sessions(rows),
            filters: filters(SessionStatus.allCases.map(\.rawValue)), olderQuery: older)
        screen.search = ListScreen.Search(
            point: query["point"] ?? "", from: query["from"] ?? "", to: query["to"] ?? "",
            status: query["status"] ?? "")
        return screen
    }

    private func stations(in tx: Tx) throws -> ListScreen {
        let (rows, older) = try page(
            of: StationRecord.self, in: tx, shown: { try StationRow($0, in: tx) }, id: { $0.id.text })
        return ListScreen(
            frame: try visit.frame(in: tx),
            rows: .stations(rows, socket: visit.page.desk.stationSocket), olderQuery: older)
    }

    private func tariffs(_ shown: Shown, in tx: Tx) throws -> ListScreen {
        let isArchived = query["status"] == "archived"
        let (rows, older) = try page(
            of: TariffRecord.self,
            { filter in if !isArchived { filter.empty = ["archived_at"] } }, in: tx,
            shown: { try TariffRow($0, visit, shown, in: tx) }, id: { $0.id.text })
        return ListScreen(
            frame: try visit.frame(in: tx), rows: .tariffs(isArchived ? rows.filter(\.isArchived) : rows),
            filters: [
                .init(status: nil, isCurrent: !isArchived), .init(status: "archived", isCurrent: isArchived),
            ], olderQuery: older)
    }

    private func payments(in tx: Tx) throws -> ListScreen {
        let (rows, older) = try page(
            of: PaymentRecord.self,
            { filter in
                guard let status = query["status"].nilIfEmpty else { return }
                filter.equal["status"] =
                    status == "in_doubt" ? PaymentView.doubtful.values.sorted() : [status]
            }, in: tx, shown: { try PaymentRow($0, in: tx) }, id: { $0.id.text })
        return ListScreen(
            frame: try visit.frame(in: tx), rows: .payments(rows),
            filters: filters(["authorized", "captured", "declined", "voided", "in_doubt"]),
            olderQuery: older)
    }

    private func work(in tx: Tx) throws -> ListScreen {
        let isClosed = query["status"] == "closed"
        // What is open stands on one page, most money at stake first; what is closed, newest first.
        let (rows, older) =
            isClosed
            ? try page(
                of: WorkItemRecord.self, { $0.equal["state"] = ["closed"] }, in: tx,
                shown: { try WorkRow($0, in: tx) }, id: { $0.id.text })
            : (
                try tx.openWorkItems(of: organisation, limit: Self.mostQuestions).map {
                    try WorkRow($0, in: tx)
                }, nil
            )
        return ListScreen(
            frame: try visit.frame(in: tx), rows: .work(rows),
            filters: [
                .init(status: "open", isCurrent: !isClosed), .init(status: "closed", isCurrent: isClosed),
            ], olderQuery: older)
    }

    // MARK: the books

    private func ledger(in tx: Tx) throws -> LedgerScreen {
        let balance = try tx.trialBalance(of: organisation)
        let counts = try tx.transactionCounts(of: organisation)
        var filter = Tx.LedgerFilter()
        filter.account = query["account"].nilIfEmpty
        let found = try tx.transactions(
            of: organisation, filter: filter, before: query.integer("before"), limit: Self.rowsPerPage + 1)
        let rows = found.prefix(Self.rowsPerPage)
        var screen = LedgerScreen(
            frame: try visit.frame(in: tx),
            balances: balance.accounts.map {
                .init(account: $0.account, posted: $0.posted, pending: $0.pending)
            },
            proofs: balance.totals.map { .init(sum: $0, transactions: counts[$0.currency] ?? 0) },
            transactions: try rows.map { try LedgerScreen.Transaction($0, in: tx) })
        screen.account = filter.account
        screen.olderQuery =
            found.count > rows.count ? rows.last.map { query.text(with: ("before", String($0.seq))) } : nil
        return screen
    }
}

extension LedgerScreen.Transaction {
    fileprivate init(_ row: TransactionRow, in tx: Tx) throws {
        self.init(
            id: row.id, template: row.template, recordedAt: row.recordedAt,
            entries: try tx.entries(of: row.id).map {
                Entry(account: $0.account, amount: Money(minorUnits: $0.amount, currency: $0.currency))
            }, session: row.session)
    }
}

extension Query {
    /// This query with another value of one name.
    func text(with changed: (name: String, value: String)) -> String {
        let kept = items.filter { $0.name != changed.name && $0.name != "lang" && !$0.value.isEmpty }
        return (kept + [changed]).map { "\(Self.encoded($0.name))=\(Self.encoded($0.value))" }
            .joined(separator: "&")
    }
}

extension String? {
    /// An empty field of a form is one that nobody filled in.
    var nilIfEmpty: String? { flatMap { $0.isEmpty ? nil : $0 } }
}
