// SPDX-License-Identifier: Apache-2.0

import Quantities
import Storage
import Tariffs

extension OverviewScreen {
    private static let mostSessions = 50
    private static let mostStations = 8
    private static let mostWork = 8

    /// The console's first page, read in one go.
    init(_ visit: ConsoleVisit, _ shown: Shown, in tx: Tx) throws {
        let organisation = visit.organisation.id
        let desk = visit.page.desk
        let frame = try visit.frame(in: tx)
        let stations = try tx.stations(of: organisation, limit: Self.mostStations)
        self.init(
            frame: frame, money: try MoneyToday(of: organisation, shown, at: frame.now, in: tx),
            socket: desk.stationSocket)
        sessions = try tx.sessions(of: organisation, in: [.running, .starting], limit: Self.mostSessions).map
        {
            try SessionRow($0, in: tx)
        }
        self.stations = try stations.map { try StationRow($0, in: tx) }
        work = try tx.openWorkItems(of: organisation, limit: Self.mostWork).map { try WorkRow($0, in: tx) }
        samplePoint = self.stations.flatMap(\.points).first?.code
        steps = try Step.all(of: organisation, stations, desk.stationSocket, shown.words, in: tx)
    }
}

extension OverviewScreen.MoneyToday {
    fileprivate init(of organisation: OrganisationID, _ shown: Shown, at now: Instant, in tx: Tx) throws {
        let today = shown.zone.local(now).date
        func booked(_ templates: String...) throws -> [Money] {
            try tx.debited(by: templates, on: today, of: organisation)
        }
        let balance = try tx.trialBalance(of: organisation)
        let held = Dictionary(grouping: balance.accounts.map(\.pending).filter(\.isPositive), by: \.currency)
        self.init(
            owed: try booked("SessionOwed"), received: try booked("CaptureReceived", "WalletDebited"),
            held: held.sorted { $0.key.code < $1.key.code }.map { $0.value.sum(in: $0.key) })
    }
}

extension OverviewScreen.Step {
    /// What a new organisation needs before it earns anything.
    fileprivate static func all(
        of organisation: OrganisationID, _ stations: [StationRecord], _ socket: String, _ words: Words,
        in tx: Tx
    ) throws -> [Self] {
        var one = ListFilter()
        one.limit = 1
        func has<R: OwnedRecord>(_ type: R.Type) throws -> Bool {
            try !tx.page(of: type, for: organisation, one).rows.isEmpty
        }
        return [
            Self(
                name: words(.stepTariff), detail: "POST /v1/tariffs",
                isDone: try has(TariffVersionRecord.self)),
            Self(name: words(.stepSite), detail: "POST /v1/sites", isDone: try has(SiteRecord.self)),
            Self(name: words(.stepStation), detail: "POST /v1/stations", isDone: !stations.isEmpty),
            Self(
                name: words(.stepConnect), detail: socket,
                isDone: stations.contains { $0.bootedAt != nil || $0.connectedAt != nil }),
            Self(
                name: words(.stepFirstSession), detail: words(.stepFirstSessionHow),
                isDone: try has(SessionRecord.self)),
        ]
    }
}
