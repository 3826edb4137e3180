// SPDX-License-Identifier: Apache-2.0
public import JSONText

extension V16 {
    /// A session began (1.6 §4.8). The station repeats it until it is answered, perhaps under a new message id.
    public struct StartTransaction: IncomingMessage, Hashable {
        public static let action = "StartTransaction"
        public static let mayCarryMoney = true

        /// The connector, above 0.
        public let connectorID: Int64?
        /// The token.
        public let idTag: String?
        /// The register at the start, in milliwatt-hours; stations send Wh.
        public let meterStartMilliwattHours: Int64?
        /// When it began.
        public let timestamp: Timestamp?
        /// The reservation it ends, if any.
        public let reservationID: Int64?

        public init(reading payload: JSON, with decoding: inout Decoding) {
            var fields = PayloadReader.fields(of: payload)
            connectorID = decoding.reader.integer("connectorId", &fields, .required)
            idTag = decoding.reader.text("idTag", &fields, .required, limit: 20)
            meterStartMilliwattHours = decoding.reader.fixedPoint("meterStart", &fields, .required, scale: 3)
            timestamp = decoding.reader.timestamp("timestamp", &fields, .required)
            reservationID = decoding.reader.integer("reservationId", &fields)
            decoding.reader.finish(fields)
        }

        /// The answer: always a positive number, whatever is said of the token (C29, C46).
        public static func answer(transaction number: Int64, _ info: IDTagInfo) -> JSON {
            ["transactionId": JSON(number), "idTagInfo": info.json]
        }
    }
}
