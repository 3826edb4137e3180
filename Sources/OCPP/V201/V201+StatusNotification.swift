// SPDX-License-Identifier: Apache-2.0
public import JSONText

extension V201 {
    /// The status of one connector (P2 G01).
    public struct StatusNotification: IncomingMessage, Hashable {
        public static let action = "StatusNotification"

        /// From 1; 0 in messages of stations that mean themselves.
        public let evseID: Int64?
        /// From 1.
        public let connectorID: Int64?
        /// One of five words; Occupied says nothing about charging.
        public let status: String?
        /// When it changed.
        public let timestamp: Timestamp?

        public init(reading payload: JSON, with decoding: inout Decoding) {
            var fields = PayloadReader.fields(of: payload)
            evseID = decoding.reader.integer("evseId", &fields, .required)
            connectorID = decoding.reader.integer("connectorId", &fields, .required)
            status = decoding.reader.word("connectorStatus", &fields, .required, among: Self.statuses)
            timestamp = decoding.reader.timestamp("timestamp", &fields, .required)
            decoding.reader.finish(fields)
        }

        private static let statuses = ["Available", "Occupied", "Reserved", "Unavailable", "Faulted"]
    }
}
