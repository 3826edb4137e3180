// SPDX-License-Identifier: Apache-2.0
import Billing
import Charging
import Quantities
import Storage
import Testing

/// Rules of charging.md §13 about who may come in, who may charge, and what becomes of commands.
@Suite("Stations by the rules")
struct StationRuleTests {
    @Test("C3: the identity of the path is the user of Basic; a wrong one is slowed down by address")
    func basic() async throws {
        let floor = try await Floor()
        try await floor.setPassword("0123456789ABCDEF")
        func knock(_ user: String, _ password: String, from address: String = "192.0.2.1") async throws
            -> Admission
        {
            try await floor.door.admit(
                StationKnock(
                    identity: "DEMO-1",
                    credential: StationKnock.Credential(user: user, password: Array(password.utf8)),
                    address: address, offered: ["ocpp1.6"], isEncrypted: false))
        }
        #expect(try await knock("DEMO-1", "0123456789ABCDEF") == .admitted(floor.station))
        #expect(try await knock("DEMO-2", "0123456789ABCDEF") == .wrongCredential)
        // 1.6 writes the key as hexadecimal digits of its bytes.
        #expect(try await knock("DEMO-1", "30313233343536373839414243444546") == .admitted(floor.station))
        for _ in 0..<9 { #expect(try await knock("DEMO-1", "guess") == .wrongCredential) }
        #expect(try await knock("DEMO-1", "0123456789ABCDEF") == .tooManyAttempts)
        // Never by identity: from elsewhere the station comes in.
        #expect(try await knock("DEMO-1", "0123456789ABCDEF", from: "192.0.2.2") == .admitted(floor.station))
    }

    @Test("security profile 2 is kept: over a plain line nobody comes in, whatever the password")
    func profile2() async throws {
        let floor = try await Floor()
        try await floor.setPassword("0123456789ABCDEF", profile: 2)
        for isEncrypted in [false, true] {
            let admission = try await floor.door.admit(
                StationKnock(
                    identity: "DEMO-1",
                    credential: .init(user: "DEMO-1", password: Array("0123456789ABCDEF".utf8)),
                    address: "192.0.2.1", offered: [], isEncrypted: isEncrypted))
            #expect(admission == (isEncrypted ? .admitted(floor.station) : .wrongCredential))
        }
    }

    @Test("a window lets one identity in for 15 minutes; it gets a password, and the window closes")
    func window() async throws {
        let floor = try await Floor()
        try await floor.setPassword("a password nobody knows")
        let author = Author(organisation: floor.organisation, name: "test")
        func knock() async throws -> Admission {
            try await floor.door.admit(
                StationKnock(
                    identity: "DEMO-1", credential: nil, address: "192.0.2.1", offered: [], isEncrypted: false
                ))
        }
        #expect(try await knock() == .wrongCredential)
        _ = try await OperateStation(desk: floor.desk).openWindow(floor.station, by: author)
        #expect(try await knock() == .admitted(floor.station))

        _ = try await floor.tell(.boot(StationBoot(vendor: "V", model: "M")))
        // Its settings are asked for as well; which comes first does not matter.
        var password = ""
        for _ in 0..<3 {
            for claimed in try await floor.door.claimCommands(for: [floor.station]) {
                if case .setPassword(let given) = claimed.command { password = given }
                try await floor.door.recordReply(.accepted, to: claimed)
            }
        }
        #expect(password.utf8.count == 20)
        #expect(try await knock() == .wrongCredential)
        let hash = try #require(try await floor.record().passwordHash)
        #expect(StationPassword.matches(Array(password.utf8), stored: hash))
        let commands = try await floor.desk.store.read { tx in try tx.commands(at: floor.station, limit: 9) }
        #expect(!commands.contains { "\($0.body)".contains(password) })
    }

    @Test(
        "C3: a 1.6 key is the same whether one side writes its bytes and the other the digits that stand for them"
    )
    func keys() {
        let bytes = (UInt8(160)..<180).map { $0 }
        let digits = Array("a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3".utf8)
        let capitals = Array("A0A1A2A3A4A5A6A7A8A9AAABACADAEAFB0B1B2B3".utf8)
        for (known, sent) in [
            (bytes, digits), (bytes, capitals), (digits, bytes), (capitals, bytes), (bytes, bytes),
        ] {
            #expect(StationPassword.matches(sent, stored: StationPassword.hash(known, salt: "s")))
        }
        for wrong in [Array(bytes.dropLast()), Array(digits.dropLast(2)), digits + [48]] {
            #expect(!StationPassword.matches(wrong, stored: StationPassword.hash(bytes, salt: "s")))
            #expect(!StationPassword.matches(wrong, stored: StationPassword.hash(digits, salt: "s")))
        }
    }

    @Test("C18, C19: queued transactions are taken without boot or status")
    func queued() async throws {
        let floor = try await Floor()
        let told = try await floor.start("NOBODY", at: 1_000)
        #expect(told.number > 0)
        #expect(try await floor.sessions().count == 1)
    }

    @Test("C23: tokens are compared without case, and never trimmed")
    func tokens() async throws {
        let floor = try await Floor()
        for (uid, status) in [
            ("04A1B2C3D4E5F6", TokenStatus.accepted), ("04a1b2c3d4e5f6", .accepted),
            (" 04A1B2C3D4E5F6", .invalid),
            ("04A1B2C3D4E5F6 ", .invalid), ("4A1B2C3D4E5F6", .invalid),
        ] {
            let answer = try await floor.tell(.authorize(PresentedToken(uid: uid)))
            guard case .token(let told) = answer else { continue }
            #expect(told.status == status, "'\(uid)'")
        }
    }

    @Test("C25, C30, C46: a start is checked again, repeated it has the same number, and a no is an answer")
    func starts() async throws {
        let floor = try await Floor()
        let first = try await floor.start("04A1B2C3D4E5F6", at: 1_000)
        #expect(first.token?.status == .accepted)
        try await floor.blockCard()
        // The same content under another message id: the same transaction, the token's present status.
        let again = try await floor.start("04A1B2C3D4E5F6", at: 1_000)
        #expect(again.number == first.number)
        #expect(again.token?.status == .blocked)
        // A yes before is no promise: another start of the same card is refused, and still has a number.
        let refused = try await floor.start("04A1B2C3D4E5F6", at: 2_000)
        #expect(refused.token?.status == .blocked)
        // C29: numbers rise, and none is given twice.
        #expect(refused.number > first.number && refused.number <= Int64(Int32.max))
        #expect(try await floor.sessions().count == 2)
    }

    @Test(
        "C84: a stop that was accepted and never happens is asked again, asked about, and given to a person")
    func stops() async throws {
        for version in ["1.6", "2.0.1"] {
            let floor = try await Floor(version: version)
            _ = try await floor.start("04A1B2C3D4E5F6", at: 1_000, name: version == "1.6" ? nil : "T1")
            let session = try #require(try await floor.sessions().first)
            _ = try await RequestRemoteStop(desk: floor.desk)(session.id)
            var asked: [StationCommand] = []
            for _ in 0..<12 {
                for claimed in try await floor.door.claimCommands(for: [floor.station]) {
                    guard claimed.command.isAboutStopping else {
                        try await floor.door.recordReply(.accepted, to: claimed)
                        continue
                    }
                    asked.append(claimed.command)
                    try await floor.door.recordReply(.accepted, to: claimed)
                }
                floor.desk.clock.advance(by: .seconds(6))
                _ = try await Workers(desk: floor.desk, couriers: []).round()
            }
            #expect(asked.count { if case .stop = $0 { true } else { false } } == 4, "\(version) \(asked)")
            #expect(
                asked.contains { if case .transactionStatus = $0 { true } else { false } }
                    == (version != "1.6"))
            #expect(try await floor.sessions().first?.status == .running)
            let items = try await floor.desk.store.read { tx in try tx.all(WorkItemRecord.self) }
            #expect(items.contains { $0.reason == "stop_unanswered" }, "\(version)")
        }
    }

    @Test("C68: after its boot a 2.x station is asked what Started and Ended mean to it, and that is known")
    func transactionPoints() async throws {
        let floor = try await Floor(version: "2.0.1")
        let told = [
            "TxCtrlr.TxStartPoint": "EVConnected,Authorized", "TxCtrlr.TxStopPoint": "ParkingBayOccupancy",
        ]
        _ = try await floor.tell(.boot(StationBoot(vendor: "V", model: "M")))
        for claimed in try await floor.door.claimCommands(for: [floor.station]) {
            guard case .readConfiguration(let keys) = claimed.command else { continue }
            #expect(told.keys.allSatisfy { keys.contains($0) })
            try await floor.door.recordReply(.told(told), to: claimed)
        }
        let known = try #require(try await floor.record().configuration)
        #expect(known == told)
        #expect(StationSettings.advice(on: known).map(\.key) == ["TxCtrlr.TxStopPoint"])
        // What another boot says may differ: it is asked again.
        _ = try await floor.tell(.boot(StationBoot(vendor: "V", model: "M")))
        #expect(try await floor.record().configuration == nil)
    }

    @Test("a reset is preceded by stopping the sessions that it would cut off")
    func reset() async throws {
        let floor = try await Floor()
        _ = try await floor.start("04A1B2C3D4E5F6", at: 1_000)
        let author = Author(organisation: floor.organisation, name: "test")
        _ = try await OperateStation(desk: floor.desk)(floor.station, .reset(immediately: false), by: author)
        var kinds: [String] = []
        for _ in 0..<8 {
            for claimed in try await floor.door.claimCommands(for: [floor.station]) {
                if case .stop = claimed.command { kinds.append("stop") }
                if case .reset = claimed.command { kinds.append("reset") }
                try await floor.door.recordReply(.accepted, to: claimed)
            }
            floor.desk.clock.advance(by: .seconds(4))
        }
        #expect(kinds == ["stop", "reset"])
    }
}

extension StationCommand {
    fileprivate var isAboutStopping: Bool {
        switch self {
        case .stop, .transactionStatus: true
        default: false
        }
    }
}

/// The stations of the demonstration, over a database in memory and a clock that stands still.
private struct Floor {
    let desk: Desk
    let door: StationDesk
    let organisation: OrganisationID
    let station: StationID
    private let version: String

    init(version: String = "1.6") async throws {
        desk = try await Desk.inMemory()
        self.version = version
        organisation = try await FoundInstallation(desk: desk)(operatorKey: "an operator key of this test")
            .organisation
        _ = try await SeedDemonstration(desk: desk)(in: organisation)
        door = StationDesk(desk: desk)
        let found = try await desk.store.read { tx in try tx.station(identity: "DEMO-1") }
        station = try #require(found).id
        try await door.connected(station, connection: desk.ids.new(at: desk.clock.now), version: version)
    }

    func record() async throws -> StationRecord {
        try #require(try await desk.store.read { tx in try tx.find(StationRecord.self, station) })
    }

    func setPassword(_ password: String, profile: Int64 = 1) async throws {
        try await desk.store.transaction { tx in
            guard var row = try tx.lock(StationRecord.self, id: station) else { return }
            row.passwordHash = StationPassword.hash(Array(password.utf8), salt: "salt")
            row.securityProfile = profile
            try tx.update(&row)
        }
    }

    func blockCard() async throws {
        try await desk.store.transaction { tx in
            guard var card = try tx.token(folded: "04A1B2C3D4E5F6", of: organisation) else { return }
            card.status = .blocked
            try tx.update(&card)
        }
    }

    func sessions() async throws -> [SessionRecord] {
        try await desk.store.read { tx in try tx.all(SessionRecord.self) }
    }

    func tell(_ message: StationMessage) async throws -> StationAnswer {
        let id = "\(desk.ids.word())"
        return try await door.receive(
            message,
            in: ReceivedFrame(
                station: station, connection: desk.ids.new(at: desk.clock.now), version: version,
                messageID: id,
                action: "Test", bytes: Array(id.utf8), receivedAt: desk.clock.now))
    }

    func start(_ token: String, at wattHours: Int64, name: String? = nil) async throws -> TransactionAnswer {
        let now = Instant(seconds: 1_800_000_000)
        let facts = [
            Fact(
                .started(register: Energy(wattHours: wattHours)), measuredAt: now, receivedAt: desk.clock.now),
            Fact(.token(PresentedToken(uid: token)), measuredAt: now, receivedAt: desk.clock.now),
        ]
        let report = TransactionReport(
            reference: name.map { .named($0) } ?? .new, evse: 1, token: PresentedToken(uid: token),
            facts: facts)
        guard case .transaction(let told) = try await tell(.transaction(report)) else {
            throw StationRefusal.stationIsGone(station)
        }
        return told
    }
}
