// SPDX-License-Identifier: Apache-2.0

package import Charging
package import Quantities
import Storage

/// A station answered a command, or did not. "Accepted" means asked, never done (C83, C84).
package struct RecordCommandReply: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    package func callAsFunction(_ reply: CommandReply, to claimed: ClaimedCommand) async throws {
        let now = desk.clock.now
        try await desk.store.transaction { tx in
            guard let parcel = try tx.find(ParcelRecord.self, claimed.parcel),
                var command = try tx.lock(CommandRecord.self, id: claimed.id)
            else { return }
            if reply == .unreachable, now < command.deadline {
                _ = try tx.finish(parcel, as: "queued", dueAt: now + .seconds(1))
                return
            }
            _ = try tx.finish(parcel, as: reply == .unreachable ? "withdrawn" : "done")
            // It may have been given up meanwhile; what the station says of it is worth knowing all the same.
            if !command.isOver { try command.apply(reply.event) }
            let body = command.body
            command.forgetSecret()
            try tx.update(&command)
            try learn(from: reply, to: body, of: command, in: tx, at: now)
            try follow(reply, to: command, in: tx, at: now)
            if command.hasFailed { try FailCommand(desk: desk)(command, in: tx, at: now) }
        }
    }
}

extension RecordCommandReply {
    /// What the answer, or that there was none, makes us do next (charging.md §9).
    private func follow(_ reply: CommandReply, to command: CommandRecord, in tx: Tx, at now: Instant) throws {
        switch (reply, command.body) {
        case (.unknown, .start(let evse, _, _, _)):
            // Nobody knows whether it starts: the station is asked to say what it is doing.
            guard let station = try tx.find(StationRecord.self, command.station) else { return }
            let message = station.ocppVersion == "1.6" ? "StatusNotification" : "TransactionEvent"
            try SendCommand(desk: desk)(
                .trigger(message: message, evse: evse),
                about: SendCommand.Subject(station: station, evse: command.evse, checkout: command.checkout),
                in: tx, at: now)
        case (_, .transactionStatus):
            guard let id = command.session else { return }
            try StopUnanswered(desk: desk).told(reply, of: id, in: tx, at: now)
        default: return
        }
    }

    /// Settings are kept with the station; who refused a cost message is not asked again before its next boot.
    private func learn(
        from reply: CommandReply, to body: StationCommand, of command: CommandRecord, in tx: Tx,
        at now: Instant
    ) throws {
        let id = command.station
        switch (reply, body) {
        case (_, .setPassword(let password)):
            try GivePassword(desk: desk).answered(reply, password, by: id, in: tx, at: now)
        case (.accepted, .configure(let key, let value)):
            guard var station = try tx.lock(StationRecord.self, id: id) else { return }
            station.configuration = (station.configuration ?? [:]).merging([key: value]) { $1 }
            try tx.update(&station)
        case (.told(let values), .readConfiguration):
            guard var station = try tx.lock(StationRecord.self, id: id) else { return }
            station.configuration = (station.configuration ?? [:]).merging(values) { $1 }
            try tx.update(&station)
        case (.refused, .tell):
            guard var station = try tx.lock(StationRecord.self, id: id) else { return }
            station.refuseCosts()
            try tx.update(&station)
        case (.refused(CommandReply.notOngoing), .transactionStatus):
            guard let session = command.session else { return }
            try AskStation(desk: desk).nothingMore(of: session, askedAt: command.createdAt, in: tx, at: now)
        default: return
        }
    }
}

extension CommandReply {
    /// What the door makes of a transaction that neither goes on nor has messages in the station's queue (E14).
    static let notOngoing = "NotOngoing"

    var event: Command.Event {
        switch self {
        case .accepted, .told: .accepted
        case .refused(let reason): .refused(reason: reason)
        case .unknown: .silence
        case .unreachable: .expired
        }
    }
}

/// A command that will not be done: what that means for those who waited for it.
struct FailCommand {
    let desk: Desk

    func callAsFunction(_ command: CommandRecord, in tx: Tx, at now: Instant) throws {
        switch command.body {
        case .start:
            if let checkout = command.checkout { try FailStart(desk: desk)(checkout, in: tx, at: now) }
        case .stop:
            guard let session = command.session else { return }
            tx.note(.session, session.text)
        default:
            return
        }
    }
}

/// What a command asked for has happened.
struct CompleteCommand {
    let desk: Desk

    func callAsFunction(_ id: CommandID, in tx: Tx, at now: Instant) throws {
        guard var command = try tx.lock(CommandRecord.self, id: id) else { return }
        try command.apply(.done)
        command.checkAt = nil
        try tx.update(&command)
    }
}

/// Looks at commands whose time is over: a start without a session has failed, a stop is asked again.
package struct CheckCommand: Sendable {
    let desk: Desk
    /// How often a stop is asked before a person is (charging.md §9).
    private static let stops = 4

    package init(desk: Desk) { self.desk = desk }

    package func callAsFunction(_ id: CommandID) async throws {
        let now = desk.clock.now
        try await desk.store.transaction { tx in
            guard var command = try tx.lock(CommandRecord.self, id: id), let checkAt = command.checkAt,
                checkAt <= now
            else { return }
            command.checkAt = nil
            command.forgetSecret()
            let wasUnanswered = command.machine.state == .unknown
            if !command.isOver {
                try command.apply(.expired)
                try tx.withdrawParcels(of: "station:\(command.station)", carrying: command.id.text)
            }
            try tx.update(&command)
            switch command.body {
            case .start where command.status != "done":
                if wasUnanswered { try askAboutStart(command, in: tx, at: now) }
                try FailCommand(desk: desk)(command, in: tx, at: now)
            case .stop: try askAgain(command, in: tx, at: now)
            default: break
            }
        }
    }

    /// Nobody knows whether the station began: the money is held until somebody does (charging.md §8, `start_unknown`).
    private func askAboutStart(_ command: CommandRecord, in tx: Tx, at now: Instant) throws {
        guard let id = command.checkout, let checkout = try tx.find(CheckoutRecord.self, id),
            let bill = try tx.find(BillRecord.self, checkout.bill),
            let quote = try tx.find(QuoteRecord.self, bill.quote)
        else { return }
        try tx.open(
            WorkItemRecord(
                id: desk.ids.new(at: now), organisation: command.organisation,
                reason: WorkReason.startUnknown.rawValue, object: id.text, station: command.station,
                detail: "the station never answered the start", currency: quote.currency,
                amountMinor: quote.holdMinor, state: "open", openedAt: now))
    }

    private func askAgain(_ command: CommandRecord, in tx: Tx, at now: Instant) throws {
        guard let id = command.session, let session = try tx.find(SessionRecord.self, id),
            [.starting, .running].contains(session.status)
        else { return }
        let asked = try tx.commands(of: id).count { $0.kind == "stop" }
        guard asked >= Self.stops else {
            _ = try RequestRemoteStop(desk: desk).ask(
                id, because: session.stopCause ?? .requested, in: tx, at: now)
            return
        }
        try StopUnanswered(desk: desk)(session, askedTimes: asked, in: tx, at: now)
    }
}
