// SPDX-License-Identifier: Apache-2.0

import Billing
import Charging
import Payments
import Quantities
import Storage

extension SessionRow {
    /// A session with what its line shows.
    init(_ session: SessionRecord, in tx: Tx) throws {
        let evse = try session.evse.flatMap { try tx.find(EVSERecord.self, $0) }
        let site = try tx.find(SiteRecord.self, session.site)
        let bill = try session.bill.flatMap { try tx.find(BillRecord.self, $0) }
        self.init(
            id: session.id, code: evse?.evseCode ?? "–",
            place: [site?.name, evse?.evseId].compactMap { $0 }.joined(separator: " · "),
            status: Self.status(session, bill), startedAt: session.startedAt, energy: session.energy)
        payer = try Payer(session, in: tx)
        endedAt = session.endedAt
        power = session.endedAt == nil ? session.folded.power : nil
        cost =
            bill.flatMap { bill in
                bill.totalMinor.map { Money(minorUnits: $0, currency: bill.currency) }
            } ?? session.live?.cost
    }

    /// While it runs the session's own state, afterwards how far its bill has come.
    private static func status(_ session: SessionRecord, _ bill: BillRecord?) -> String {
        guard session.status == .final, let bill else { return session.status.rawValue }
        return switch bill.status {
        case "rated": "settling"
        case "zero_rated": "nothing_charged"
        default: bill.status
        }
    }
}

extension SessionRow.Payer {
    fileprivate init(_ session: SessionRecord, in tx: Tx) throws {
        if let id = session.account {
            self = .account(try tx.find(AccountRecord.self, id)?.name ?? id.text)
        } else {
            self = session.checkout == nil ? .nobody : .guest
        }
    }
}

extension StationRow {
    /// A station with its charging points.
    init(_ station: StationRecord, in tx: Tx) throws {
        let parts = [station.vendor, station.model, station.ocppVersion.map { "OCPP \($0)" }]
        self.init(
            id: station.id, identity: station.ocppIdentity,
            model: parts.compactMap { $0 }.joined(separator: " · "),
            site: try tx.find(SiteRecord.self, station.site)?.name ?? "",
            presence: station.connectedAt == nil
                ? .offline(lastSeenAt: station.lastSeenAt)
                : .online(seenAt: station.lastSeenAt ?? station.connectedAt ?? station.createdAt),
            points: try tx.evses(of: station.id).map {
                Point(code: $0.evseCode, status: $0.status.rawValue)
            })
    }
}

extension PaymentRow {
    /// A payment with what its line shows.
    init(_ payment: PaymentRecord, in tx: Tx) throws {
        let view = try PaymentView(payment, in: tx)
        self.init(
            id: payment.id, status: payment.status.hasSuffix("_unknown") ? "in_doubt" : payment.status,
            createdAt: payment.createdAt, reserved: payment.hold, captured: payment.captured)
        instrument =
            payment.instrument.map { instrument in
                [instrument.brand ?? instrument.kind, instrument.last4].compactMap { $0 }
                    .joined(separator: " ")
            } ?? (payment.source == .card ? "–" : payment.source.rawValue)
        gateway = view.gatewayName ?? "–"
        reference = payment.gatewayReference
        releasedAt = payment.releasedAt
        session = view.session
    }
}

extension WorkRow {
    /// A question with the session it is about, if there is one.
    init(_ item: WorkItemRecord, in tx: Tx) throws {
        let amount = item.currency.flatMap { currency in
            item.amountMinor.map { Money(minorUnits: $0, currency: currency) }
        }
        self.init(
            id: item.id, reason: item.reason, detail: item.detail, object: item.object,
            session: try item.session ?? Self.session(of: item.object, in: tx), openedAt: item.openedAt,
            amount: amount)
        facts = item.facts.filter { $0.name != "candidate" }.map { Fact($0.name, $0.value) }
        candidates = item.facts.filter { $0.name == "candidate" }.map(\.value)
        if item.state == "open" {
            decisions = item.decisions.map(\.rawValue)
            if let at = item.defaultAt {
                let standard = WorkReason(rawValue: item.reason)?.standardDecision
                self.standard = ((standard ?? .ignore).rawValue, at)
            }
        } else {
            answer = Answer(
                decision: item.decision ?? item.state, by: item.decidedBy, at: item.closedAt, note: item.note)
        }
    }

    private static func session(of object: String, in tx: Tx) throws -> SessionID? {
        if let id = SessionID(object) { return id }
        if let id = BillID(object) { return try tx.find(BillRecord.self, id)?.session }
        guard let id = PaymentID(object), let bill = try tx.find(PaymentRecord.self, id)?.bill else {
            return nil
        }
        return try tx.find(BillRecord.self, bill)?.session
    }
}

extension Desk {
    /// Where stations connect.
    var stationSocket: String {
        settings.publicURL.replacing("http", with: "ws", maxReplacements: 1) + "/ocpp"
    }
}
