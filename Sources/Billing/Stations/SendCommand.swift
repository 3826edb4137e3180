// SPDX-License-Identifier: Apache-2.0

package import Charging
package import Quantities
package import Storage

/// Asks a station to do something: a durable command with a deadline and the parcel that carries it.
///
/// One transaction; past the deadline the command is withdrawn and never sent: no stale remote start.
package struct SendCommand: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// How long a command may wait for its station, by kind (charging.md §9).
    static func patience(for command: StationCommand) -> Elapsed {
        switch command {
        case .start, .stop: .seconds(15)
        default: .seconds(60)
        }
    }

    /// What a command is about.
    package struct Subject: Sendable, Hashable {
        package var station: StationRecord
        package var evse: EVSEID?
        package var session: SessionID?
        package var checkout: CheckoutID?
        /// When somebody should look whether it was done.
        package var checkAt: Instant?

        package init(
            station: StationRecord, evse: EVSEID? = nil, session: SessionID? = nil,
            checkout: CheckoutID? = nil,
            checkAt: Instant? = nil
        ) {
            self.station = station
            self.evse = evse
            self.session = session
            self.checkout = checkout
            self.checkAt = checkAt
        }
    }

    /// The command, saved and enqueued.
    @discardableResult
    package func callAsFunction(
        _ command: StationCommand, about subject: Subject, in tx: Tx, at now: Instant, dueAt: Instant? = nil
    ) throws -> CommandRecord {
        let deadline = (dueAt ?? now) + Self.patience(for: command)
        let row = CommandRecord(
            id: desk.ids.new(at: now), organisation: subject.station.organisation,
            station: subject.station.id,
            evse: subject.evse, session: subject.session, checkout: subject.checkout, kind: command.kind,
            body: command, status: "queued", machine: Command(deadline: deadline),
            remoteStart: command.remoteStart,
            token: command.token, deadline: deadline, checkAt: subject.checkAt ?? deadline + .seconds(30),
            createdAt: now)
        try tx.insert(row)
        try tx.insert(
            ParcelRecord(
                id: desk.ids.new(at: now), stream: "station:\(row.station)",
                destination: "station:\(row.station)",
                kind: "command", body: row.id.text, dueAt: dueAt ?? now, deadline: deadline, createdAt: now))
        tx.ring(.commands)
        return row
    }
}

extension StationCommand {
    /// The column `kind`.
    var kind: String {
        switch self {
        case .start: "start"
        case .stop: "stop"
        case .trigger: "trigger"
        case .reset: "reset"
        case .unlock: "unlock"
        case .tell: "cost"
        case .readConfiguration: "read_configuration"
        case .transactionStatus: "transaction_status"
        case .configure: "configure"
        case .setPassword: "set_password"
        case .availability: "availability"
        case .clearCache: "clear_cache"
        case .report: "report"
        }
    }

    fileprivate var remoteStart: Int64? {
        if case .start(_, _, _, let number) = self { number } else { nil }
    }

    fileprivate var token: String? {
        if case .start(_, _, let token, _) = self { token.folded } else { nil }
    }
}
