// SPDX-License-Identifier: Apache-2.0

package import Charging
package import Quantities

/// One charging session as the fold of its facts gives it.
package struct SessionRecord: VersionedRecord, Hashable {
    package static let table = "session"

    package let id: SessionID
    package var organisation: OrganisationID
    package var site: SiteID
    package var station: StationID
    package var evse: EVSEID?
    package var number: Int64
    package var name: String?
    package var startKey: String?
    package var remoteStart: Int64?
    package var token: TokenID?
    package var tokenMasked: String?
    package var account: AccountID?
    package var checkout: CheckoutID?
    package var bill: BillID?
    package var status: SessionStatus
    package var folded: Session
    package var energy: Energy
    package var startedAt: Instant
    package var endedAt: Instant?
    package var live: LiveBill?
    package var ratedAt: Instant?
    package var lastFactAt: Instant
    package var dueAt: Instant?
    package var finalAt: Instant?
    package var stopAskedAt: Instant?
    /// Why the station was first asked to stop it; nil while it was not asked.
    package var stopCause: StopCause?
    /// By how much the station's clock was wrong when it began; nil for not at all.
    package var clockOffset: Elapsed?
    /// How the station's meter values were to be read when it began, if not as OCPP says; what is told later is read so, too.
    package var meter: StationMeter?
    /// When the station was last asked whether it has more to tell (2.x GetTransactionStatus).
    package var stationAskedAt: Instant?
    /// When it said that it has nothing more to tell.
    package var drainedAt: Instant?
    /// How many of its messages carry signed meter data, which is kept byte by byte in the frames.
    package var signedFrames: Int64
    package var createdAt: Instant
    package var version: Int64

    package init(
        id: SessionID, organisation: OrganisationID, site: SiteID, station: StationID, evse: EVSEID? = nil,
        number: Int64, name: String? = nil, startKey: String? = nil, remoteStart: Int64? = nil,
        token: TokenID? = nil, tokenMasked: String? = nil, account: AccountID? = nil,
        checkout: CheckoutID? = nil, bill: BillID? = nil, status: SessionStatus, folded: Session,
        energy: Energy, startedAt: Instant, endedAt: Instant? = nil, live: LiveBill? = nil,
        ratedAt: Instant? = nil, lastFactAt: Instant, dueAt: Instant? = nil, finalAt: Instant? = nil,
        stopAskedAt: Instant? = nil, clockOffset: Elapsed? = nil, meter: StationMeter? = nil,
        createdAt: Instant, version: Int64 = 1
    ) {
        self.id = id
        self.organisation = organisation
        self.site = site
        self.station = station
        self.evse = evse
        self.number = number
        self.name = name
        self.startKey = startKey
        self.remoteStart = remoteStart
        self.token = token
        self.tokenMasked = tokenMasked
        self.account = account
        self.checkout = checkout
        self.bill = bill
        self.status = status
        self.folded = folded
        self.energy = energy
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.live = live
        self.ratedAt = ratedAt
        self.lastFactAt = lastFactAt
        self.dueAt = dueAt
        self.finalAt = finalAt
        self.stopAskedAt = stopAskedAt
        self.clockOffset = clockOffset
        self.meter = meter
        signedFrames = 0
        self.createdAt = createdAt
        self.version = version
    }
}

/// Something a station was asked to do.
package struct CommandRecord: VersionedRecord, Hashable {
    package static let table = "command"
    package static let secretColumns = ["body"]
    package static let secretRows: SQL = "kind = 'set_password'"
    /// Only the password that a station is about to get; once it was taken only its hash is kept.
    package var hasSecrets: Bool {
        if case .setPassword(let password) = body { !password.isEmpty } else { false }
    }

    package let id: CommandID
    package var organisation: OrganisationID
    package var station: StationID
    package var evse: EVSEID?
    package var session: SessionID?
    package var checkout: CheckoutID?
    package var kind: String
    package var body: StationCommand
    package var status: String
    package var machine: Command
    package var remoteStart: Int64?
    package var token: String?
    package var deadline: Instant
    package var checkAt: Instant?
    package var createdAt: Instant
    package var version: Int64

    package init(
        id: CommandID, organisation: OrganisationID, station: StationID, evse: EVSEID? = nil,
        session: SessionID? = nil, checkout: CheckoutID? = nil, kind: String, body: StationCommand,
        status: String, machine: Command, remoteStart: Int64? = nil, token: String? = nil, deadline: Instant,
        checkAt: Instant? = nil, createdAt: Instant, version: Int64 = 1
    ) {
        self.id = id
        self.organisation = organisation
        self.station = station
        self.evse = evse
        self.session = session
        self.checkout = checkout
        self.kind = kind
        self.body = body
        self.status = status
        self.machine = machine
        self.remoteStart = remoteStart
        self.token = token
        self.deadline = deadline
        self.checkAt = checkAt
        self.createdAt = createdAt
        self.version = version
    }
}

/// A message as it was sent, byte by byte.
package struct FrameRecord: Record, Hashable {
    package static let table = "frame"

    package let id: FrameID
    package var station: StationID
    package var connection: ConnectionID
    package var ocppVersion: String
    package var direction: String
    package var messageId: String
    package var action: String
    package var body: [UInt8]
    package var sha256: String
    package var duplicateOf: String?
    package var state: String
    package var findings: [String]
    package var answer: StationAnswer?
    package var session: SessionID?
    /// What it told of a session that went on; nil if its facts have rows of their own, or if it has none.
    package var facts: [Fact]?
    package var receivedAt: Instant

    package init(
        id: FrameID, station: StationID, connection: ConnectionID, ocppVersion: String, direction: String,
        messageId: String, action: String, body: [UInt8], sha256: String, duplicateOf: String? = nil,
        state: String, findings: [String], answer: StationAnswer? = nil, session: SessionID? = nil,
        receivedAt: Instant
    ) {
        self.id = id
        self.station = station
        self.connection = connection
        self.ocppVersion = ocppVersion
        self.direction = direction
        self.messageId = messageId
        self.action = action
        self.body = body
        self.sha256 = sha256
        self.duplicateOf = duplicateOf
        self.state = state
        self.findings = findings
        self.answer = answer
        self.session = session
        self.receivedAt = receivedAt
    }
}
