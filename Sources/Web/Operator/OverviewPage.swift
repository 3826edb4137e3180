// SPDX-License-Identifier: Apache-2.0

import Billing
import Charging
import Quantities
import Storage
import Tariffs

/// What the operator's overview shows, read in one go.
struct OverviewRows: Sendable {
    let organisation: OrganisationRecord?
    let live: [(session: SessionRecord, evse: EVSERecord?, payer: String)]
    let stations: [(station: StationRecord, evses: [EVSERecord])]
    let bills: [(session: SessionRecord, bill: BillRecord?)]
    let work: [WorkItemRecord]
    let balance: TrialBalance
    let postedToday: [TransactionRow]
    let amounts: [String: Money]

    init(of id: OrganisationID, in tx: Tx) throws {
        organisation = try tx.find(OrganisationRecord.self, id)
        live = try tx.sessions(of: id, in: [.running, .starting], limit: 50).map { session in
            let evse = try session.evse.flatMap { try tx.find(EVSERecord.self, $0) }
            let account = try session.account.flatMap { try tx.find(AccountRecord.self, $0) }
            return (session, evse, account?.name ?? (session.checkout == nil ? "nobody" : "Guest"))
        }
        stations = try tx.stations(of: id, limit: 200).map { ($0, try tx.evses(of: $0.id)) }
        bills = try tx.sessions(of: id, in: [.ended, .final, .inReview], limit: 20).map { session in
            (session, try session.bill.flatMap { try tx.find(BillRecord.self, $0) })
        }
        work = try tx.openWorkItems(of: id, limit: 50)
        balance = try tx.trialBalance(of: id)
        postedToday = try tx.transactions(of: id, limit: 500)
        var amounts: [String: Money] = [:]
        for row in postedToday {
            amounts[row.id.text] = try tx.entries(of: row.id).first { $0.amount > 0 }.map {
                Money(minorUnits: $0.amount, currency: $0.currency)
            }
        }
        self.amounts = amounts
    }
}

/// The operator's first page.
struct OverviewPage {
    let rows: OverviewRows
    let shown: Shown
    let now: Instant
    let publicURL: String

    var page: HTMLPage {
        var model: [String: Any] = [
            "owed": today("SessionOwed"), "received": today("CaptureReceived", "WalletDebited"), "held": held,
            "questions": String(rows.work.count), "stream": "", "state": "",
            "hasLive": !rows.live.isEmpty, "live": rows.live.map(liveRow),
            "hasStations": !rows.stations.isEmpty,
            "stations": rows.stations.map(stationRow), "hasBills": !rows.bills.isEmpty,
            "bills": rows.bills.map(billRow), "hasWork": !rows.work.isEmpty, "work": rows.work.map(workRow),
            "socket": publicURL.replacing("http", with: "ws", maxReplacements: 1) + "/ocpp",
        ]
        model["exampleURL"] = rows.stations.first?.evses.first.map { "/e/\($0.evseCode)" } ?? "/operator"
        model["accounts"] = rows.balance.accounts.map { account in
            [
                "name": account.account, "posted": Shown.money(account.posted),
                "pending": account.pending.isZero ? "" : Shown.money(account.pending),
            ]
        }
        model["sums"] = rows.balance.totals.map { ["sum": Shown.money($0)] }
        return HTMLPage(
            title: "Console", heading: rows.organisation?.name ?? "Amptill",
            body: Template.operator.render(model),
            refresh: 10, isWide: true)
    }

    private var currency: Currency { rows.organisation?.currency ?? .eur }

    private func today(_ templates: String...) -> String {
        let date = shown.zone.local(now).date
        let sum = rows.postedToday.filter { $0.bookedOn == date && templates.contains($0.template) }
            .compactMap { rows.amounts[$0.id.text] }.filter { $0.currency == currency }.sum(in: currency)
        return Shown.money(sum)
    }

    /// What is reserved at gateways and in wallets at this moment.
    private var held: String {
        let sum = rows.balance.accounts.filter { $0.pending.isPositive && $0.pending.currency == currency }
            .map(\.pending).sum(in: currency)
        return Shown.money(sum)
    }

    private func liveRow(_ row: (session: SessionRecord, evse: EVSERecord?, payer: String)) -> [String: Any] {
        [
            "id": row.session.id.text, "code": row.evse?.evseCode ?? "?", "place": row.evse?.evseId ?? "",
            "since": shown.clock(row.session.startedAt), "payer": row.payer,
            "energy": Shown.energy(row.session.energy),
            "cost": row.session.live.map { Shown.money($0.cost) } ?? "–",
        ]
    }

    private func stationRow(_ row: (station: StationRecord, evses: [EVSERecord])) -> [String: Any] {
        let isOnline = row.station.connectedAt != nil
        return [
            "identity": row.station.ocppIdentity,
            "model": [row.station.vendor, row.station.model, row.station.ocppVersion.map { "OCPP \($0)" }]
                .compactMap { $0 }.joined(separator: " · "),
            "state": isOnline ? "online" : "offline", "badge": isOnline ? "good" : "bad",
            "seen": row.station.lastSeenAt.map { shown.dateAndClock($0) } ?? "never",
            "evses": row.evses.map { ["code": $0.evseCode, "status": $0.status.rawValue] },
        ]
    }

    private func billRow(_ row: (session: SessionRecord, bill: BillRecord?)) -> [String: Any] {
        let total = row.bill?.totalMinor.map {
            Shown.money(Money(minorUnits: $0, currency: row.bill?.currency ?? currency))
        }
        return [
            "id": row.session.id.text, "ended": row.session.endedAt.map { shown.dateAndClock($0) } ?? "–",
            "state": row.bill?.status ?? row.session.status.rawValue,
            "energy": Shown.energy(row.session.energy),
            "total": total ?? "–",
        ]
    }

    private func workRow(_ item: WorkItemRecord) -> [String: Any] {
        let amount = item.amountMinor.flatMap { minor in
            item.currency.map { Money(minorUnits: minor, currency: $0) }
        }
        return [
            "reason": item.reason.replacing("_", with: " "), "detail": item.detail, "object": item.object,
            "since": shown.dateAndClock(item.openedAt), "amount": amount.map { Shown.money($0) } ?? "–",
        ]
    }
}
