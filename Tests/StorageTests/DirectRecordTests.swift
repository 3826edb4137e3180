// SPDX-License-Identifier: Apache-2.0
import Charging
import Quantities
import Storage
import Testing

/// Records that put their columns down by hand are what `Codable` would make of them, both ways.
@Suite("records without Codable", .timeLimit(.minutes(1)))
struct DirectRecordTests {
    private static let now = Instant(nanoseconds: 1_773_129_600_123_456_789)

    @Test(
        "a session written by hand is read by Codable, and the other way round", arguments: TestBench.engines)
    func sessions(bench: TestBench) async throws {
        var full = SessionRecord(
            id: id(1), organisation: id(2), site: id(3), station: id(4), evse: id(5), number: 6,
            name: "ä\"\\\n🔌",
            startKey: "1|TAG|-|7", remoteStart: 8, token: id(9), tokenMasked: "•••• 1234", account: id(10),
            checkout: id(11), bill: id(12), status: .inReview, folded: Self.fold(Self.facts),
            energy: Energy(milliwattHours: -13), startedAt: Self.now, endedAt: Self.now + .seconds(14),
            live: LiveBill(
                cost: Money(minorUnits: 15, currency: .eur), stopsAt: nil, phaseKind: "energy",
                phasePrice: "0.49",
                phaseUnit: "kWh", ratedAt: Self.now),
            ratedAt: Self.now + .seconds(16), lastFactAt: Self.now + .seconds(17),
            dueAt: Self.now + .seconds(18),
            finalAt: Self.now + .seconds(19), stopAskedAt: Self.now + .seconds(20),
            clockOffset: .seconds(-21),
            createdAt: Self.now + .seconds(22), version: 23)
        full.stationAskedAt = Self.now + .seconds(24)
        full.drainedAt = Self.now + .seconds(25)
        full.signedFrames = 26
        full.stopCause = .reset
        full.meter = StationMeter(location: .body, countsFromZero: true)
        let empty = SessionRecord(
            id: id(27), organisation: id(2), site: id(3), station: id(4), number: 0, status: .running,
            folded: Self.fold([]), energy: .zero, startedAt: .epoch, lastFactAt: .epoch, createdAt: .epoch)
        try await compare([full, empty], bench)
    }

    @Test("a station and an EVSE likewise", arguments: TestBench.engines)
    func places(bench: TestBench) async throws {
        var full = StationRecord(
            id: id(1), organisation: id(2), site: id(3), ocppIdentity: "CP 1", securityProfile: 2,
            passwordHash: "h",
            tariff: id(4), meterIntervalSeconds: 60, ocppVersion: "2.0.1", vendor: "v", model: "m",
            serialNumber: "s",
            firmwareVersion: "f", bootedAt: Self.now, connectedAt: Self.now + .seconds(1),
            lastSeenAt: Self.now + .seconds(2), createdAt: Self.now + .seconds(3), version: 4)
        full.configuration = ["a": "b"]
        full.clock = ClockOffset()
        full.meter = StationMeter(location: .inlet, countsFromZero: true)
        full.windowUntil = Self.now + .seconds(5)
        let empty = StationRecord(
            id: id(6), organisation: id(2), site: id(3), ocppIdentity: "CP 2", securityProfile: 0,
            meterIntervalSeconds: 0, createdAt: .epoch)
        try await compare([full, empty], bench)
        let evse = EVSERecord(
            id: id(7), organisation: id(2), station: id(1), number: 8, evseCode: "K7QM2",
            evseId: "DE*AMP*E1*1",
            currentType: .dc, powerMax: Power(milliwatts: 9),
            connectors: [
                ConnectorType(number: 1, standard: "IEC_62196_T2_COMBO"),
                ConnectorType(number: 2, standard: ""),
            ],
            tariff: id(10), status: .charging, wireStatus: "Charging", statusAt: Self.now, version: 11)
        let bare = EVSERecord(
            id: id(12), organisation: id(2), station: id(1), number: 1, evseCode: "K7QM3", evseId: "",
            currentType: .ac, powerMax: Power(milliwatts: 0), connectors: [], status: .available)
        try await compare([evse, bare], bench)
    }

    @Test("a fact of every kind likewise", arguments: TestBench.engines)
    func facts(bench: TestBench) async throws {
        try await bench.withStore(migrations: [.direct]) { store in
            let session: SessionID = id(1)
            try await store.transaction { tx in
                for (number, fact) in Self.facts.enumerated() {
                    let isNew = try tx.insert(fact, key: "\(number)", of: session, frame: nil)
                    #expect(isNew)
                }
            }
            let byCodable = try await store.read { tx in try tx.all(Kept.self) }
            #expect(byCodable.sorted { $0.position < $1.position }.map(\.fact) == Self.facts)
            let other: SessionID = id(2)
            try await store.transaction { tx in
                for (number, fact) in Self.facts.enumerated() {
                    try tx.insert(
                        Kept(
                            id: "\(number)", session: other, contentKey: "\(number)", position: fact.order,
                            fact: fact, late: false))
                }
            }
            #expect(try await store.read { tx in try tx.facts(of: other) } == Self.facts)
        }
    }

    @Test("an answer and facts beside their frame likewise", arguments: TestBench.engines)
    func answers(bench: TestBench) async throws {
        let token = TokenAnswer(status: .noCredit, group: "g\"", expiresAt: Self.now)
        let answers: [StationAnswer] = [
            .received, .boot(.pending, intervalSeconds: 30), .token(token),
            .transaction(TransactionAnswer(number: 1)),
            .transaction(
                TransactionAnswer(number: 2, token: token, cost: Money(minorUnits: -3, currency: .eur))),
        ]
        try await bench.withStore(migrations: [.direct]) { store in
            try await store.transaction { tx in
                for (number, answer) in answers.enumerated() {
                    var frame = FrameRecord(
                        id: id(UInt128(number)), station: id(1), connection: id(2), ocppVersion: "1.6",
                        direction: "in", messageId: "m", action: "a", body: [1], sha256: "", state: "kept",
                        findings: ["f"], answer: answer, session: id(3), receivedAt: Self.now)
                    if number == 1 { frame.facts = Self.facts }
                    try tx.keep(frame)
                }
            }
            let frames = try await store.all(FrameRecord.self)
            #expect(frames.map(\.answer) == answers)
            #expect(frames.map(\.facts) == [nil, Self.facts, nil, nil, nil])
            let (read, beside) = try await store.read { tx in
                (try tx.facts(of: id(3)), try tx.factsInFrames(of: id(3)))
            }
            #expect(read == Self.facts && beside == Self.facts)
        }
    }

    @Test("a column that holds something else is named", arguments: [TestBench.memory])
    func broken(bench: TestBench) async throws {
        try await bench.withStore(migrations: [.direct]) { store in
            try await store.transaction { tx in
                try tx.insert(Broken(id: "evse_1", status: "dancing"))
            }
            let refused = await #expect(throws: DecodingError.self) { try await store.all(EVSERecord.self) }
            #expect(refused.map { "\($0)" }?.contains("status: a column holds") == true)
        }
    }

    /// Writes each form and reads the other one.
    private func compare<R: Record & Hashable>(_ records: [R], _ bench: TestBench) async throws {
        for record in records {
            try await bench.withStore(migrations: [.direct]) { store in
                try await store.transaction { tx in try tx.insert(record) }
                #expect(try await store.all(ByCodable<R>.self).map(\.record) == [record])
            }
            try await bench.withStore(migrations: [.direct]) { store in
                try await store.transaction { tx in try tx.insert(ByCodable(record: record)) }
                #expect(try await store.all(R.self) == [record])
            }
        }
    }

    private func id<Owner>(_ number: UInt128) -> ID<Owner> { ID(at: Self.now, random: number) }

    /// Of every kind, with and without what may be missing.
    private static let facts: [Fact] = {
        let kinds: [Fact.Kind] = [
            .started(register: Energy(milliwattHours: 1_000_000)), .started(register: nil),
            .reading(
                Reading(.importRegister, value: 1_050_000, context: "Transaction.Begin", location: "Body")),
            .reading(Reading(.power, value: -7, phase: "L1")), .reading(Reading(.current, value: .max)),
            .state(.suspendedByVehicle), .token(PresentedToken(uid: "04 a1\u{1}\"", kind: "ISO14443")),
            .token(PresentedToken(uid: "")), .limit("MaxCost"), .ended(register: nil, reason: nil),
            .ended(register: Energy(milliwattHours: 2_000_000), reason: "EVDisconnected"),
            .judged(.energy(Energy(milliwattHours: 3))), .judged(.waived), .withheld(record: "9f"),
        ]
        return kinds.enumerated().map { index, kind in
            Fact(
                kind, measuredAt: index.isMultiple(of: 2) ? now + .seconds(Int64(index)) : nil,
                receivedAt: now,
                sequence: index.isMultiple(of: 3) ? Int64(index) : nil, order: Int64(index),
                offline: index.isMultiple(of: 4))
        }
    }()

    private static func fold(_ facts: [Fact]) -> Session {
        Session(folding: facts, under: SessionRules(powerMax: Power(watts: 22_000)))
    }
}

/// A record in the form that `Codable` gives it.
private struct ByCodable<R: Record & Hashable>: Record {
    static var table: String { R.table }
    let record: R

    init(record: R) { self.record = record }
    init(from decoder: any Decoder) throws { record = try R(from: decoder) }
    func encode(to encoder: any Encoder) throws { try record.encode(to: encoder) }
}

/// A fact in the form that `Codable` gives it.
private struct Kept: Record {
    static let table = "session_fact"
    var id: String?
    var session: SessionID
    var contentKey: String
    var position: Int64
    var fact: Fact
    var late: Bool
}

/// An EVSE of which nobody can make anything.
private struct Broken: Record {
    static let table = "evse"
    var id: String
    var status: String
    var organisation = "org_1"
    var station = "sta_1"
    var number: Int64 = 1
    var evseCode = ""
    var evseId = ""
    var currentType = "ac"
    var powerMax: Int64 = 0
    var connectors: [String] = []
    var version: Int64 = 1
}

extension Migration {
    /// The columns of the product, without what they refer to.
    fileprivate static let direct = Migration(
        number: 1, name: "direct",
        sql: """
            CREATE TABLE session (id TEXT PRIMARY KEY, organisation TEXT, site TEXT, station TEXT, evse TEXT, number BIGINT,
                name TEXT, start_key TEXT, remote_start BIGINT, token TEXT, token_masked TEXT, account TEXT, checkout TEXT,
                bill TEXT, status TEXT, folded {{json}}, energy BIGINT, started_at BIGINT, ended_at BIGINT, live {{json}},
                rated_at BIGINT, last_fact_at BIGINT, due_at BIGINT, final_at BIGINT, stop_asked_at BIGINT, stop_cause TEXT,
                clock_offset BIGINT, meter {{json}}, station_asked_at BIGINT, drained_at BIGINT, signed_frames BIGINT, created_at BIGINT,
                version BIGINT);
            CREATE TABLE station (id TEXT PRIMARY KEY, organisation TEXT, site TEXT, ocpp_identity TEXT,
                security_profile BIGINT, password_hash TEXT, tariff TEXT, meter_interval_seconds BIGINT, ocpp_version TEXT,
                vendor TEXT, model TEXT, serial_number TEXT, firmware_version TEXT, booted_at BIGINT,
                configuration {{json}}, clock {{json}}, meter {{json}}, connected_at BIGINT, last_seen_at BIGINT, window_until BIGINT,
                created_at BIGINT, version BIGINT);
            CREATE TABLE evse (id TEXT PRIMARY KEY, organisation TEXT, station TEXT, number BIGINT, evse_code TEXT,
                evse_id TEXT, current_type TEXT, power_max BIGINT, connectors {{json}}, tariff TEXT, status TEXT,
                wire_status TEXT, status_at BIGINT, version BIGINT);
            CREATE TABLE session_fact (id TEXT, session TEXT, content_key TEXT, position BIGINT, fact {{json}}, frame TEXT,
                late BOOLEAN, PRIMARY KEY (session, content_key));
            CREATE TABLE frame (id TEXT PRIMARY KEY, station TEXT, connection TEXT, ocpp_version TEXT, direction TEXT,
                message_id TEXT, action TEXT, body {{bytes}}, sha256 TEXT, duplicate_of TEXT, state TEXT, findings {{json}},
                answer {{json}}, session TEXT, facts {{json}}, late BOOLEAN DEFAULT FALSE, received_at BIGINT)
            """)
}
