// SPDX-License-Identifier: Apache-2.0
import Billing
import HTTPTypes
import Quantities
import Storage

/// Which part of an organisation a caller may look at (api.md §2): a driver the own account, a narrowed key its sites.
///
/// What cannot be told apart by site is closed to a narrowed key, so that nothing can be forgotten open.
enum Narrowing {
    /// The routes that know how to show only some sites.
    private static let paths: Set<String> = [
        "/v1/sites", "/v1/sites/{id}", "/v1/stations", "/v1/stations/{id}", "/v1/evses", "/v1/evses/{id}",
        "/v1/evses/{id}/qr", "/v1/sessions", "/v1/sessions/{id}", "/v1/sessions/{id}/stream",
        "/v1/sessions/{id}/breakdown", "/v1/sessions/{id}/stop", "/v1/sessions/{id}/timeline",
        "/v1/checkouts/{id}", "/v1/checkouts/{id}/stream", "/v1/checkouts/{id}/start",
        "/v1/checkouts/{id}/stop", "/v1/checkouts/{id}/cancel", "/v1/checkouts/{id}/pay",
        "/v1/checkouts/{id}/receipt", "/v1/payments/{id}", "/v1/payments/{id}/attempts",
        "/v1/payments/{id}/refunds", "/v1/receipts/{id}", "/v1/receipts/{id}/html", "/v1/receipts/{id}/pdf",
    ]

    /// Whether a caller that may see some sites only may call this.
    static func isOpen(_ route: Route) -> Bool {
        route.scopes.contains(.anonymous)
            || (paths.contains(route.path) && route.method != .patch)
                && (route.method == .get || route.path.hasPrefix("/v1/sessions/")
                    || route.path.hasPrefix("/v1/checkouts/") || route.path.hasPrefix("/v1/payments/"))
    }
}

extension Caller {
    /// The only sites this caller may see; nil for all of them.
    var sites: [SiteID]? {
        if case .key(let key, _) = self { key.sites } else { nil }
    }

    /// The only account this caller may see; nil for all of them.
    var account: AccountID? {
        if case .driver(let token, _) = self { token.account } else { nil }
    }

    /// Whether a row of the caller's organisation is in the caller's part of it. A guest's rows are checked by the
    /// routes for guests.
    func sees(_ row: some OwnedRecord, in tx: Tx) throws -> Bool {
        guard row.organisation == organisation else { return false }
        if let sites { return try tx.site(of: row).map(sites.contains) ?? false }
        if let account { return try tx.account(of: row) == account }
        return true
    }

    /// The filter of a list, narrowed to what the caller may see.
    func narrow<R: OwnedRecord>(_ filter: inout ListFilter, of type: R.Type, in tx: Tx) throws {
        if let account {
            filter.keep([account.text], of: R.self == AccountRecord.self ? "id" : "account")
        }
        guard let sites = sites?.map(\.text) else { return }
        if R.self == SiteRecord.self { return filter.keep(sites, of: "id") }
        guard R.self == EVSERecord.self else { return filter.keep(sites, of: "site") }
        let stations = try sites.compactMap { SiteID($0) }.flatMap { try tx.stations(of: $0) }
        filter.keep(stations.map(\.id.text), of: "station")
    }
}

extension ListFilter {
    /// Only rows whose column has one of these values, whatever else was asked for.
    fileprivate mutating func keep(_ allowed: [String], of column: Column) {
        let asked = equal[column] ?? []
        let both = asked.isEmpty ? allowed : asked.filter(allowed.contains)
        // No id is empty, so an empty text fits nothing; an empty list would fit everything.
        equal[column] = both.isEmpty ? [""] : both
    }
}

extension Tx {
    /// Where a row belongs to; nil if it belongs to no single site.
    fileprivate func site(of row: some OwnedRecord) throws -> SiteID? {
        switch row {
        case let site as SiteRecord: site.id
        case let station as StationRecord: station.site
        case let evse as EVSERecord: try find(StationRecord.self, evse.station)?.site
        case let session as SessionRecord: session.site
        case let checkout as CheckoutRecord:
            try find(EVSERecord.self, checkout.evse).flatMap { try site(of: $0) }
        case let quote as QuoteRecord: try find(EVSERecord.self, quote.evse).flatMap { try site(of: $0) }
        case let bill as BillRecord: try find(QuoteRecord.self, bill.quote).flatMap { try site(of: $0) }
        case let payment as PaymentRecord:
            try payment.bill.flatMap { try find(BillRecord.self, $0) }.flatMap { try site(of: $0) }
        case let document as DocumentRecord:
            try document.session.flatMap { try find(SessionRecord.self, $0) }?.site
        default: nil
        }
    }

    /// Whose it is; nil if it is no account's.
    fileprivate func account(of row: some OwnedRecord) throws -> AccountID? {
        switch row {
        case let account as AccountRecord: account.id
        case let wallet as WalletRecord: wallet.account
        case let token as TokenRecord: token.account
        case let session as SessionRecord: session.account
        case let bill as BillRecord: bill.account
        case let checkout as CheckoutRecord: try find(BillRecord.self, checkout.bill)?.account
        case let method as PaymentMethodRecord: method.account
        case let driver as DriverRecord: driver.account
        case let document as DocumentRecord: document.account
        case let invoice as InvoiceRecord: invoice.account
        case let payment as PaymentRecord:
            try payment.wallet.flatMap { try find(WalletRecord.self, $0) }?.account
                ?? payment.bill.flatMap { try find(BillRecord.self, $0) }?.account
        default: nil
        }
    }
}
