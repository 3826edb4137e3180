// SPDX-License-Identifier: Apache-2.0

import Digests
package import Quantities

/// A transaction as it stands in the journal: numbered, dated, and chained to the one before (I12).
package struct LedgerRecord: Hashable, Sendable {
    package let id: TransactionID
    /// 1, 2, 3 … without a gap, per organisation.
    package let seq: Int64
    package let posting: Posting
    /// The event it stands for; (template, cause) is posted once.
    package let cause: String
    /// Who made it happen.
    package let actor: String
    /// When it happened.
    package let occurredAt: Instant
    /// The accounting date.
    package let bookedOn: CivilDate
    /// When it was written.
    package let recordedAt: Instant
    /// The transaction it takes back, if any.
    package let reverses: TransactionID?

    package init(
        id: TransactionID, seq: Int64, posting: Posting, cause: String, actor: String, times: Times,
        reverses: TransactionID? = nil
    ) {
        self.id = id
        self.seq = seq
        self.posting = posting
        self.cause = cause
        self.actor = actor
        occurredAt = times.occurredAt
        bookedOn = times.bookedOn
        recordedAt = times.recordedAt
        self.reverses = reverses
    }

    /// The three times of a record, which never stand in for each other.
    package struct Times: Hashable, Sendable {
        package var occurredAt: Instant
        package var bookedOn: CivilDate
        package var recordedAt: Instant

        package init(occurredAt: Instant, bookedOn: CivilDate, recordedAt: Instant) {
            self.occurredAt = occurredAt
            self.bookedOn = bookedOn
            self.recordedAt = recordedAt
        }
    }

    /// Canonical JSON: sorted keys, integers and plain texts only (RFC 8785).
    package var canonicalJSON: [UInt8] {
        let entries = posting.transaction.entries.map { entry in
            "{\"account\":\"\(entry.account)\",\"amount\":\(entry.amount.minorUnits),\"currency\":\"\(entry.amount.currency)\"}"
        }
        var fields = [
            "\"actor\":\(quoted(actor))", "\"booked_on\":\"\(bookedOn)\"", "\"cause\":\(quoted(cause))",
            "\"entries\":[\(entries.joined(separator: ","))]", "\"id\":\"\(id)\"",
            "\"occurred_at\":\(occurredAt.nanoseconds)", "\"recorded_at\":\(recordedAt.nanoseconds)",
        ]
        if let payment = posting.about.payment { fields.append("\"payment\":\"\(payment)\"") }
        if let reverses { fields.append("\"reverses\":\"\(reverses)\"") }
        fields.append("\"seq\":\(seq)")
        if let session = posting.about.session { fields.append("\"session\":\"\(session)\"") }
        fields.append("\"template\":\"\(posting.template)\"")
        if let wallet = posting.about.wallet { fields.append("\"wallet\":\"\(wallet)\"") }
        fields.sort()
        return Array("{\(fields.joined(separator: ","))}".utf8)
    }

    private func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\u{8}": quoted += "\\b"
            case "\t": quoted += "\\t"
            case "\n": quoted += "\\n"
            case "\u{C}": quoted += "\\f"
            case "\r": quoted += "\\r"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

/// The chain of hashes that makes the journal tamper-evident.
package enum ChainLink {
    /// What the first record is chained to.
    package static let genesis = "sha256:" + String(repeating: "0", count: 64)

    /// SHA-256 over the previous hash and the record's canonical JSON.
    package static func hash(previous: String, record: [UInt8]) -> String {
        "sha256:" + SHA256Digest.hex(of: Array(previous.utf8) + record)
    }
}
