// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// What a station said, in the words of the trade: the door translated it, `Billing` stores and answers it.
package enum StationMessage: Hashable, Sendable, Codable {
    /// It switched on, or wants to be known (BootNotification).
    case boot(StationBoot)
    /// A connector or the whole station changed its status (StatusNotification).
    case status(StatusReport)
    /// May this token charge? (Authorize)
    case authorize(PresentedToken)
    /// Something about one transaction (StartTransaction, MeterValues, StopTransaction, TransactionEvent).
    case transaction(TransactionReport)
    /// Readings that name no transaction (1.6 MeterValues without transactionId; 2.x MeterValues).
    case readings(evse: Int, facts: [Fact])
    /// Anything else worth keeping in the station's journal; the action is the message's name.
    case journal(action: String)
}

/// What a station says of itself when it boots.
package struct StationBoot: Hashable, Sendable, Codable {
    /// Who made it.
    package var vendor: String
    /// Which model.
    package var model: String
    /// Serial number, if told.
    package var serialNumber: String?
    /// Firmware version, if told.
    package var firmwareVersion: String?
    /// Why it boots (2.x), e.g. `PowerUp`.
    package var reason: String?

    /// A boot as told.
    package init(
        vendor: String, model: String, serialNumber: String? = nil, firmwareVersion: String? = nil,
        reason: String? = nil
    ) {
        self.vendor = vendor
        self.model = model
        self.serialNumber = serialNumber
        self.firmwareVersion = firmwareVersion
        self.reason = reason
    }
}

/// The status of one connector, or of the whole station.
package struct StatusReport: Hashable, Sendable, Codable {
    /// 0 for the whole station, else the EVSE's number. In 1.6 the connector number is the EVSE's.
    package var evse: Int
    /// The connector of that EVSE; 1 if the version has no such thing.
    package var connector: Int
    /// What it now is.
    package var status: EVSEStatus
    /// The station's own word for it, e.g. `SuspendedEV`.
    package var wireStatus: String
    /// The station's time of the change, if told.
    package var measuredAt: Instant?
    /// Error code, if any but NoError.
    package var error: String?

    /// A status as told.
    package init(
        evse: Int, connector: Int, status: EVSEStatus, wireStatus: String, measuredAt: Instant?,
        error: String? = nil
    ) {
        self.evse = evse
        self.connector = connector
        self.status = status
        self.wireStatus = wireStatus
        self.measuredAt = measuredAt
        self.error = error
    }
}

/// What an EVSE is fit for, as the driver's page shows it.
package enum EVSEStatus: String, Hashable, Sendable, Codable, CaseIterable {
    /// Free.
    case available
    /// A car is plugged in or a session is being prepared or ended.
    case occupied
    /// Energy may flow (1.6 only; 2.x tells it by transaction events).
    case charging
    /// Kept for somebody.
    case reserved
    /// Switched off by the operator.
    case unavailable
    /// Broken.
    case faulted
    /// Not told yet.
    case unknown
}

/// A token as a driver showed it to a station.
package struct PresentedToken: Hashable, Sendable, Codable {
    /// As received, never trimmed (C23).
    package var uid: String
    /// What kind of token it is said to be, e.g. `ISO14443`, `Central`; 1.6 has no kinds.
    package var kind: String?

    /// A token as shown.
    package init(uid: String, kind: String? = nil) {
        self.uid = uid
        self.kind = kind
    }

    /// The text by which tokens are compared: ASCII letters without case, nothing else changed (1.6 §3.9).
    package var folded: String { Self.folded(uid) }

    /// Folds ASCII letters to capitals and leaves all other characters alone.
    package static func folded(_ text: String) -> String {
        String(decoding: text.utf8.map { (97...122).contains($0) ? $0 - 32 : $0 }, as: UTF8.self)
    }
}

/// How a message names its transaction.
package enum TransactionReference: Hashable, Sendable, Codable {
    /// It begins one that has no name yet; we give the number (1.6 StartTransaction).
    case new
    /// The number we gave (1.6). May be one we never gave, -1 or 0.
    case number(Int64)
    /// The station's own name for it (2.x).
    case named(String)
}

/// Something about one transaction.
package struct TransactionReport: Hashable, Sendable, Codable {
    /// Which transaction.
    package var reference: TransactionReference
    /// EVSE number, if this message tells it.
    package var evse: Int?
    /// Connector number, if this message tells it.
    package var connector: Int?
    /// The token, if this message tells one. In a stop it is who stopped.
    package var token: PresentedToken?
    /// The number of our request that this start answers (2.x remoteStartId).
    package var remoteStartID: Int64?
    /// What happened, in the order of the message.
    package var facts: [Fact]
    /// Whether the station says it sends this late (2.x `offline`).
    package var offline: Bool
    /// What nobody can read of it although it may be the start or the end, in a sentence; nil as a rule.
    package var lack: String?

    /// A report.
    package init(
        reference: TransactionReference, evse: Int? = nil, connector: Int? = nil,
        token: PresentedToken? = nil,
        remoteStartID: Int64? = nil, facts: [Fact], offline: Bool = false, lack: String? = nil
    ) {
        self.reference = reference
        self.evse = evse
        self.connector = connector
        self.token = token
        self.remoteStartID = remoteStartID
        self.facts = facts
        self.offline = offline
        self.lack = lack
    }
}

/// What `Billing` answers; the door puts it into the words of the station's version.
package enum StationAnswer: Hashable, Sendable, Codable {
    /// Nothing to say beyond "received".
    case received
    /// Answer to a boot. `interval` is the heartbeat's, in seconds.
    case boot(BootDecision, intervalSeconds: Int64)
    /// Answer to Authorize.
    case token(TokenAnswer)
    /// Answer to anything about a transaction.
    case transaction(TransactionAnswer)
}

/// Whether a station may work.
package enum BootDecision: String, Hashable, Sendable, Codable {
    /// It may.
    case accepted
    /// Not yet.
    case pending
    /// No.
    case rejected
}

/// Whether a token may charge, with what the station may want to know.
package struct TokenAnswer: Hashable, Sendable, Codable {
    /// May it?
    package var status: TokenStatus
    /// The token's group, if it has one (parentIdTag, groupIdToken).
    package var group: String?
    /// Until when the station may believe this.
    package var expiresAt: Instant?

    /// An answer about a token.
    package init(status: TokenStatus, group: String? = nil, expiresAt: Instant? = nil) {
        self.status = status
        self.group = group
        self.expiresAt = expiresAt
    }
}

/// What may be said of a token (charging.md §10; C26: kept apart).
package enum TokenStatus: String, Hashable, Sendable, Codable, CaseIterable {
    /// May charge.
    case accepted
    /// Blocked by us, or its account owes money.
    case blocked
    /// Its date has passed.
    case expired
    /// Nobody knows it.
    case invalid
    /// Charging elsewhere already.
    case concurrent
    /// Its prepaid balance is empty (2.x NoCredit; 1.6 shows Blocked).
    case noCredit
}

/// What a message about a transaction is answered with.
package struct TransactionAnswer: Hashable, Sendable, Codable {
    /// The number of the transaction, always positive (1.6; C29). Every session has one.
    package var number: Int64
    /// About the token, if the message carried one.
    package var token: TokenAnswer?
    /// Cost so far, or total cost in answer to the end; nil when it is not known (C75).
    package var cost: Money?

    /// An answer.
    package init(number: Int64, token: TokenAnswer? = nil, cost: Money? = nil) {
        self.number = number
        self.token = token
        self.cost = cost
    }
}
