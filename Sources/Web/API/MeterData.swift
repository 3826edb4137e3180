// SPDX-License-Identifier: Apache-2.0
import Charging
import Digests
import Foundation
import JSONText
import Quantities
import Storage

/// What the meter told of one session: its readings, and the signed records as they came (charging.md §12). Nothing is
/// verified here; a record is given to others so that they can.
struct MeterData: Sendable {
    /// One signed record, and what came with it.
    struct Record: Sendable, Hashable {
        /// The record: the text of OCMF where it is one, else as it was carried.
        let text: String
        /// `OCMF`, or the name that the station gave it.
        let format: String
        /// How `text` stands for the record: `plain`, `hex` or `base64`.
        let encoding: String
        /// Why it was taken, e.g. `Transaction.Begin`.
        let context: String
        /// When, in the station's own words.
        let timestamp: String?
        let signingMethod: String?
        let publicKey: String?
        let receivedAt: Instant
    }

    let session: SessionRecord
    let facts: [Fact]
    let records: [Record]

    init(of session: SessionRecord, in tx: Tx) throws {
        self.session = session
        facts = try tx.facts(of: session.id, includingLate: true)
        let frames = session.signedFrames > 0 ? try tx.frames(of: session.id, limit: 100_000) : []
        records = frames.filter { $0.direction == "in" && $0.duplicateOf == nil }.flatMap(Self.records)
    }

    // MARK: records in frames

    /// The records of a message: samples of 1.6 `MeterValues` and `StopTransaction`, and of 2.x `TransactionEvent`.
    private static func records(in frame: FrameRecord) -> [Record] {
        // What is no JSON holds no sample.
        guard let json = try? JSON.parse(frame.body), let payload = json.array?.last else { return [] }
        let values = (payload["meterValue"]?.array ?? []) + (payload["transactionData"]?.array ?? [])
        return values.flatMap { value in
            (value["sampledValue"]?.array ?? []).compactMap { sample in
                record(in: sample, taken: value["timestamp"]?.string, receivedAt: frame.receivedAt)
            }
        }
    }

    private static func record(in sample: JSON, taken: String?, receivedAt: Instant) -> Record? {
        guard let carried = carried(in: sample), let text = carried["signedMeterData"]?.string,
            !text.isEmpty
        else { return nil }
        let named = carried["encodingMethod"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        let found = found(in: text)
        return Record(
            text: found.text, format: found.isOCMF ? "OCMF" : named ?? "unknown", encoding: found.encoding,
            context: sample["context"]?.string ?? "Sample.Periodic", timestamp: taken,
            signingMethod: carried["signingMethod"]?.string.flatMap { $0.isEmpty ? nil : $0 },
            publicKey: carried["publicKey"]?.string.flatMap { $0.isEmpty ? nil : $0 },
            receivedAt: receivedAt)
    }

    /// 2.x has fields of its own; in 1.6 the value is the record, or a JSON text with the same fields (receipts.md §10).
    private static func carried(in sample: JSON) -> JSON? {
        if let signed = sample["signedMeterValue"] { return signed }
        guard sample["format"]?.string == "SignedData", let text = sample["value"]?.string else { return nil }
        // A record that is no JSON is the record itself.
        if let nested = try? JSON.parse(Array(text.utf8)), nested["signedMeterData"] != nil { return nested }
        return ["signedMeterData": .string(text)]
    }

    /// Plain, hexadecimal digits, base 64, in that order.
    private static func found(in text: String) -> (text: String, encoding: String, isOCMF: Bool) {
        let mark = "OCMF|"
        if text.hasPrefix(mark) { return (text, "plain", true) }
        let hex = hexBytes(text)
        let bytes = hex ?? Data(base64Encoded: text).map { Array($0) }
        if let bytes, let plain = String(validating: bytes, as: UTF8.self), plain.hasPrefix(mark) {
            return (plain, "plain", true)
        }
        return (text, hex != nil ? "hex" : bytes != nil ? "base64" : "plain", false)
    }

    // MARK: the container

    /// What transparency software loads (receipts.md §10): one `value` for each record, no blank inside a record.
    var xml: String {
        let transaction = Self.escaped(session.name ?? String(session.number))
        let values = records.map { record in
            let key = record.publicKey.map {
                "<publicKey encoding=\"\(hexBytes($0) == nil ? "base64" : "hex")\">\(Self.escaped($0))</publicKey>"
            }
            return "<value transactionId=\"\(transaction)\" context=\"\(Self.escaped(record.context))\">"
                + "<signedData format=\"\(Self.escaped(record.format))\" encoding=\"\(record.encoding)\""
                + " transactionId=\"\(transaction)\">\(Self.escaped(record.text))</signedData>"
                + (key ?? "") + "</value>"
        }
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<values>" + values.joined() + "</values>\n"
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }

    // MARK: JSON

    /// As the API shows it.
    var json: JSON {
        [
            "session": .id(session.id), "readings": .array(facts.compactMap(\.readingJSON)),
            "signed_records": .array(records.map(\.json)),
            "withheld_records": .array(
                facts.compactMap { fact in
                    if case .withheld(let record) = fact.kind { .string("sha256:" + record) } else { nil }
                }),
        ]
    }
}

extension MeterData.Record {
    fileprivate var json: JSON {
        [
            "context": .string(context), "timestamp": .text(timestamp), "received_at": .time(receivedAt),
            "format": .string(format), "encoding": .string(encoding), "record": .string(text),
            "signing_method": .text(signingMethod), "public_key": .text(publicKey),
        ]
    }
}

extension Fact {
    /// A reading as the API shows it; nil for facts that are none.
    fileprivate var readingJSON: JSON? {
        switch kind {
        case .reading(let reading):
            let (measurand, unit, scale) = reading.measurand.told
            return shown(
                measurand, reading.value, scale, unit, context: reading.context, phase: reading.phase,
                location: reading.location)
        case .started(let register?):
            return shown(register, "Transaction.Begin")
        case .ended(let register?, _):
            return shown(register, "Transaction.End")
        default: return nil
        }
    }

    private func shown(_ register: Energy, _ context: String) -> JSON {
        let (measurand, unit, scale) = Measurand.importRegister.told
        return shown(measurand, register.milliwattHours, scale, unit, context: context)
    }

    // exception(T7): one row of a table, in the order of its columns.
    private func shown(
        _ measurand: String, _ value: Int64, _ scale: Int, _ unit: String, context: String,
        phase: String? = nil, location: String = "Outlet"
    ) -> JSON {
        [
            "measured_at": .time(measuredAt), "received_at": .time(receivedAt),
            "measurand": .string(measurand), "value": .string(fixedPointText(Int128(value), scale: scale)),
            "unit": .string(unit), "context": .string(context), "phase": .text(phase),
            "location": .string(location),
        ]
    }
}

extension Measurand {
    /// Its name and unit in OCPP, and how many digits of our value are behind the point of that unit.
    fileprivate var told: (name: String, unit: String, scale: Int) {
        switch self {
        case .importRegister: ("Energy.Active.Import.Register", "Wh", 3)
        case .importInterval: ("Energy.Active.Import.Interval", "Wh", 3)
        case .exportRegister: ("Energy.Active.Export.Register", "Wh", 3)
        case .power: ("Power.Active.Import", "W", 3)
        case .current: ("Current.Import", "A", 6)
        case .stateOfCharge: ("SoC", "Percent", 6)
        }
    }
}

extension ObjectShape {
    /// What the meter told.
    static let meterData = ObjectShape(
        "MeterData",
        [
            .must("session", .id("ses")),
            .must(
                "readings",
                .list(
                    .object(
                        ObjectShape(
                            "MeterReading",
                            [
                                .may("measured_at", .instant), .must("received_at", .instant),
                                .must("measurand", .shortText), .must("value", .decimal),
                                .must("unit", .shortText), .must("context", .shortText),
                                .may("phase", .shortText), .must("location", .shortText),
                            ])), max: 1_000_000)),
            .must(
                "signed_records",
                .list(
                    .object(
                        ObjectShape(
                            "SignedRecord",
                            [
                                .must("context", .shortText),
                                .may("timestamp", .shortText, "As the station wrote it."),
                                .must("received_at", .instant), .must("format", .shortText),
                                .must("encoding", .word(["plain", "hex", "base64"])),
                                .must("record", .text(.plain, max: 65_536)),
                                .may("signing_method", .shortText), .may("public_key", .longText),
                            ])), max: 1_000_000), "As they came; nothing is verified yet."),
            .must(
                "withheld_records", .list(.shortText, max: 1_000_000),
                "Hashes of records that held a card number and were not kept."),
        ])
}
