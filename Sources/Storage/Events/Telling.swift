// SPDX-License-Identifier: Apache-2.0

import Digests
package import Quantities
import Synchronization

/// A row whose changes are news. Whoever writes it tells them by writing it: `Tx` compares what was with what is, so
/// that no verb can change a state and forget to say so, and no event can be about something that did not happen.
package protocol ToldRecord: Record {
    /// The tenant who may hear of it.
    var organisation: OrganisationID { get }
    /// The identifier in the events.
    var subject: String { get }
    /// Rises with each change; orders the events of one instant.
    var tellingVersion: Int64 { get }
    /// What events show of it, in the words of the API; nothing personal and no secret.
    var picture: Picture { get }
    /// What happened between two of its states; `before` is nil for a new row.
    func news(since before: Self?) -> [News]
}

extension ToldRecord where Self: VersionedRecord {
    package var tellingVersion: Int64 { version }
}

/// One thing to tell.
package struct News: Hashable, Sendable {
    let type: EventType
    /// Something else than the row itself, with what is shown of it.
    var about: String?
    var picture: Picture?
    /// Not again within a minute.
    var isRepeating = false

    /// News about the row itself, or about `subject`, of which `picture` is shown.
    package init(
        _ type: EventType, about subject: String? = nil, picture: Picture? = nil, isRepeating: Bool = false
    ) {
        self.type = type
        about = subject
        self.picture = picture
        self.isRepeating = isRepeating
    }
}

/// What is shown of an object: its fields as the API names them.
package typealias Picture = [String: PictureValue]

/// A value in a picture, written as the API writes it.
package indirect enum PictureValue: Hashable, Sendable {
    case null
    case text(String)
    case number(Int64)
    case flag(Bool)
    case object(Picture)

    /// A text, or null.
    static func text(_ text: String?) -> PictureValue { text.map { .text($0) } ?? .null }
    /// An identifier, or null.
    static func id<Owner>(_ id: ID<Owner>?) -> PictureValue { .text(id?.text) }
    /// A time with milliseconds, or null.
    static func time(_ instant: Instant?) -> PictureValue { .text(instant?.iso8601) }
    /// Money, or null.
    static func money(_ minor: Int64?, _ currency: Currency?) -> PictureValue {
        guard let minor, let currency else { return .null }
        return .object(["amount": .number(minor), "currency": .text(currency.code)])
    }

    /// Its JSON, members in the order of their names. An event is written for every change of a session, so without
    /// Foundation's encoder.
    var json: String {
        var json = DirectJSON()
        write(to: &json)
        return json.text
    }

    private func write(to json: inout DirectJSON) {
        switch self {
        case .null: json.putNull()
        case .text(let text): json.put(text)
        case .number(let number): json.put(number)
        case .flag(let flag): json.put(flag)
        case .object(let members):
            json.beginObject()
            for name in members.keys.sorted() {
                json.name(name)
                (members[name] ?? .null).write(to: &json)
            }
            json.endObject()
        }
    }
}

/// Gives transactions the clock by which they date what they tell.
final class Teller: Sendable {
    /// A closure as the bare value of a generic type is wrapped once more whenever `withLock` hands it out and takes it
    /// back; after some ten thousand transactions reading the clock would need a stack of its own. A field of a structure is not.
    private struct Clock {
        var read: (@Sendable () -> Instant)?
    }

    private let clock = Mutex(Clock())

    func set(_ new: @escaping @Sendable () -> Instant) { clock.withLock { $0.read = new } }

    /// What one transaction needs; nil without a clock.
    func begin() -> Telling? { clock.withLock { $0.read }.map { Telling(clock: $0) } }
}

/// An event that its transaction has not written yet.
struct Told {
    let id: EventID
    let organisation: OrganisationID
    let type: EventType
    let object: String
    let data: Picture
    let createdAt: Instant
}

/// What a running transaction knows of the rows it has read, and how many events it has told.
final class Telling {
    let clock: @Sendable () -> Instant
    private var known: [String: any ToldRecord] = [:]
    private var count: UInt64 = 0

    init(clock: @escaping @Sendable () -> Instant) { self.clock = clock }

    /// The row as it was last seen.
    func known<R: ToldRecord>(_ record: R) -> R? { known[Self.key(record)] as? R }

    /// Remembers a row as it stands now.
    func remember(_ record: some ToldRecord) { known[Self.key(record)] = record }

    /// An identifier that sorts by time, then by version of the row, then by order of telling. It comes from what is
    /// told, not from chance, so that a simulation can be repeated.
    func id(at now: Instant, of record: some ToldRecord, _ type: EventType) -> EventID {
        count += 1
        let name = "\(record.subject) \(record.tellingVersion) \(type.rawValue)"
        let digest = SHA256Digest.bytes(of: Array(name.utf8)).prefix(7).reduce(UInt64(0)) {
            $0 << 8 | UInt64($1)
        }
        let order = UInt64(bitPattern: record.tellingVersion) & 0xF_FFFF
        let low = UInt128(order) << 60 | UInt128(count & 0xFF) << 52 | UInt128(digest >> 4)
        return EventID(at: now, random: low)
    }

    private static func key(_ record: some ToldRecord) -> String {
        type(of: record).table + " " + record.subject
    }
}

extension Tx {
    /// How long something that goes on is not told again (api.md §3.11: `session.updated`).
    private static let repetition = Elapsed.seconds(60)

    /// Keeps rows in mind that may change before this transaction ends.
    func remember<R: Record>(_ records: [R]) {
        guard let telling, R.self is any ToldRecord.Type else { return }
        for case let record as any ToldRecord in records { telling.remember(record) }
    }

    /// Makes sure that the stored row is known before it is written over.
    func recall<R: Record>(_ record: R) throws {
        guard let telling, let record = record as? any ToldRecord else { return }
        try recall(record, telling)
    }

    private func recall<R: ToldRecord>(_ record: R, _ telling: Telling) throws {
        if telling.known(record) == nil { _ = try find(R.self, record.subject) }
    }

    /// Tells what is new about a row that was just written.
    func tell<R: Record>(_ record: R, new isNew: Bool) throws {
        guard let telling, let record = record as? any ToldRecord else { return }
        try tell(record, isNew, telling)
    }

    private func tell<R: ToldRecord>(_ record: R, _ isNew: Bool, _ telling: Telling) throws {
        let before = isNew ? nil : telling.known(record)
        telling.remember(record)
        guard isNew || before != nil else { return }
        for news in record.news(since: before) { try tell(news, of: record, since: before, telling) }
    }

    private func tell<R: ToldRecord>(
        _ news: News, of record: R, since before: R?, _ telling: Telling
    ) throws {
        let now = telling.clock()
        let object = news.about ?? record.subject
        if news.isRepeating, try wasTold(news.type, of: object, after: now - Self.repetition) { return }
        let picture = news.picture ?? record.picture
        var previous: Picture?
        if news.picture == nil, let old = before?.picture {
            previous = old.filter { picture[$0.key] != $0.value && $0.key != "version" }
        }
        let data: Picture = ["object": .object(picture), "previous": previous.map { .object($0) } ?? .null]
        let id = telling.id(at: now, of: record, news.type)
        told.append(
            Told(
                id: id, organisation: record.organisation, type: news.type, object: object, data: data,
                createdAt: now))
    }

    /// Writes an event that no row stands for, e.g. a test of a webhook.
    package func tell(
        _ type: EventType, as id: EventID, of object: String, for organisation: OrganisationID,
        picture: Picture, at now: Instant
    ) {
        told.append(
            Told(
                id: id, organisation: organisation, type: type, object: object,
                data: ["object": .object(picture), "previous": .null], createdAt: now))
    }

    private func wasTold(_ type: EventType, of object: String, after instant: Instant) throws -> Bool {
        if told.contains(where: { $0.object == object && $0.type == type && $0.createdAt > instant }) {
            return true
        }
        return try !rows(
            "SELECT 1 AS one FROM event WHERE object = $1 AND type = $2 AND created_at > $3 LIMIT 1",
            [.text(object), .text(type.rawValue), .int(instant.nanoseconds)]
        ).isEmpty
    }

    /// Writes what was told: numbers, events, and, if anybody listens, the parcels that will carry them, however many there
    /// are. They wait for nothing. Called at the end of each transaction, and before somebody in it reads events or
    /// parcels. The rows of the numbers are locked until the end, so two transactions cannot tell in the wrong order;
    /// they are taken in the order of their names.
    func writeTold() {
        guard !told.isEmpty else { return }
        defer { told = [] }
        // How many events of each object there are up to each of them, and in all.
        var counts: [String: Int64] = [:]
        let places = told.map { event in
            counts[event.object, default: 0] += 1
            return counts[event.object, default: 0]
        }
        later(
            "INSERT INTO event_sequence (object, last) VALUES", row: "($1, $2)",
            counts.keys.sorted().map { [.text($0), .int(counts[$0] ?? 0)] },
            tail: "ON CONFLICT (object) DO UPDATE SET last = event_sequence.last + excluded.last")
        later(
            "INSERT INTO event (id, organisation, type, object, sequence, data, created_at) VALUES",
            row: """
                ($1, $2, $3, $4,
                    (SELECT last FROM event_sequence WHERE object = $4) - CAST($5 AS BIGINT), $6, $7)
                """,
            zip(told, places).map { event, place in
                [
                    .text(event.id.text), .text(event.organisation.text), .text(event.type.rawValue),
                    .text(event.object), .int((counts[event.object] ?? 0) - place),
                    .text(PictureValue.object(event.data).json), .int(event.createdAt.nanoseconds),
                ]
            })
        later(
            """
            INSERT INTO outbox (id, stream, destination, kind, body, state, due_at, attempts, fence, created_at)
            SELECT 'par_' || substr(column1, 5), 'event:' || column2, 'webhook', 'event', column1, 'queued',
                column3, 0, 0, column3
            FROM (VALUES
            """,
            row: "(CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS BIGINT), CAST($4 AS TEXT))",
            told.map { event in
                [
                    .text(event.id.text), .text(event.object), .int(event.createdAt.nanoseconds),
                    .text(event.organisation.text),
                ]
            },
            tail: """
                ) AS told WHERE EXISTS (
                    SELECT 1 FROM webhook_endpoint WHERE organisation = column4 AND status = 'active')
                """)
    }
}
