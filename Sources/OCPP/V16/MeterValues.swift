// SPDX-License-Identifier: Apache-2.0
public import JSONText

extension V16 {
    /// Samples of a connector (1.6 §4.7).
    public struct MeterValues: IncomingMessage, Hashable {
        public static let action = "MeterValues"
        public static let mayCarryMoney = true

        /// 0 for the station's main meter.
        public let connectorID: Int64?
        /// The session, if told (C61).
        public let transactionID: Int64?
        /// The samples.
        public let meterValues: [MeterValue]

        public init(reading payload: JSON, with decoding: inout Decoding) {
            var fields = PayloadReader.fields(of: payload)
            connectorID = decoding.reader.integer("connectorId", &fields, .required)
            transactionID = decoding.reader.integer("transactionId", &fields)
            meterValues = decoding.reader.meterValues("meterValue", &fields, .required)
            decoding.reader.finish(fields)
        }
    }
}
