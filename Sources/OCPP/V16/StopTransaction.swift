// SPDX-License-Identifier: Apache-2.0
public import JSONText

extension V16 {
    /// A session ended (1.6 §4.10).
    public struct StopTransaction: IncomingMessage, Hashable {
        public static let action = "StopTransaction"
        public static let mayCarryMoney = true

        /// The number we gave; stations also send -1, 0 and numbers of others (C34).
        public let transactionID: Int64?
        /// Who stopped it, if anybody did with a token.
        public let idTag: String?
        /// The register at the end, in milliwatt-hours; stations send Wh.
        public let meterStopMilliwattHours: Int64?
        /// When it ended.
        public let timestamp: Timestamp?
        /// Why, `Local` if not told (1.6 §6.49).
        public let reason: String
        /// Samples of the session.
        public let transactionData: [MeterValue]

        public init(reading payload: JSON, with decoding: inout Decoding) {
            var fields = PayloadReader.fields(of: payload)
            transactionID = decoding.reader.integer("transactionId", &fields, .required)
            idTag = decoding.reader.text("idTag", &fields)
            meterStopMilliwattHours = decoding.reader.fixedPoint("meterStop", &fields, .required, scale: 3)
            timestamp = decoding.reader.timestamp("timestamp", &fields, .required)
            reason = decoding.reader.word("reason", &fields, among: Self.reasons) ?? "Local"
            transactionData = decoding.reader.meterValues("transactionData", &fields)
            decoding.reader.finish(fields)
        }

        /// The answer; something is said of the token only if one came.
        public static func answer(_ info: IDTagInfo?) -> JSON {
            .present(["idTagInfo": info?.json])
        }

        private static let reasons = [
            "Local", "Remote", "EVDisconnected", "DeAuthorized", "EmergencyStop", "HardReset", "SoftReset",
            "PowerLoss", "Reboot", "UnlockCommand", "Other",
        ]
    }
}
