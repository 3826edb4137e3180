// SPDX-License-Identifier: Apache-2.0
public import JSONText

extension V201 {
    /// Something that a monitor of the station saw (P2 N07).
    public struct NotifyEvent: IncomingMessage, Hashable {
        public static let action = "NotifyEvent"

        /// Place of this part, from 0.
        public let seqNo: Int64?
        /// Whether another part follows.
        public let toBeContinued: Bool
        /// What was seen.
        public let events: [Event]

        /// One thing that a monitor saw.
        public struct Event: Hashable, Sendable {
            /// When.
            public let timestamp: Timestamp?
            /// `Alerting`, `Delta` or `Periodic`.
            public let trigger: String?
            /// The value that made it speak.
            public let actualValue: String?
            /// The session it belongs to, if any.
            public let transactionID: String?
        }

        public init(reading payload: JSON, with decoding: inout Decoding) {
            var fields = PayloadReader.fields(of: payload)
            _ = decoding.reader.timestamp("generatedAt", &fields, .required)
            seqNo = decoding.reader.integer("seqNo", &fields, .required)
            toBeContinued = decoding.reader.bool("tbc", &fields) ?? false
            var events: [Event] = []
            for var entry in decoding.reader.objects("eventData", &fields, .required) {
                let event = Event(
                    timestamp: decoding.reader.timestamp("timestamp", &entry, .required),
                    trigger: decoding.reader.word(
                        "trigger", &entry, .required, among: ["Alerting", "Delta", "Periodic"]),
                    actualValue: decoding.reader.text("actualValue", &entry, .required, limit: 2500),
                    transactionID: decoding.reader.text("transactionId", &entry, limit: 36))
                events.append(event)
            }
            self.events = events
            decoding.reader.finish(fields)
        }
    }
}
