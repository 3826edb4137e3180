// SPDX-License-Identifier: Apache-2.0
public import JSONText

extension V201 {
    /// Samples outside of any transaction event (P2 J01).
    public struct MeterValues: IncomingMessage, Hashable {
        public static let action = "MeterValues"
        public static let mayCarryMoney = true

        /// 0 for the station's main meter.
        public let evseID: Int64?
        /// The samples.
        public let meterValues: [MeterValue]

        public init(reading payload: JSON, with decoding: inout Decoding) {
            var fields = PayloadReader.fields(of: payload)
            evseID = decoding.reader.integer("evseId", &fields, .required)
            meterValues = decoding.reader.meterValues("meterValue", &fields, .required)
            decoding.reader.finish(fields)
        }
    }
}
