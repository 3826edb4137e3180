// SPDX-License-Identifier: Apache-2.0
public import JSONText

extension V16 {
    /// The status of a connector, or of the whole station as connector 0 (1.6 §4.9).
    public struct StatusNotification: IncomingMessage, Hashable {
        public static let action = "StatusNotification"

        /// 0 for the station itself.
        public let connectorID: Int64?
        /// One of nine words, e.g. `SuspendedEV`.
        public let status: String?
        /// `NoError`, or what is wrong.
        public let errorCode: String?
        /// When it changed, if told.
        public let timestamp: Timestamp?

        public init(reading payload: JSON, with decoding: inout Decoding) {
            var fields = PayloadReader.fields(of: payload)
            connectorID = decoding.reader.integer("connectorId", &fields, .required)
            status = decoding.reader.word("status", &fields, .required, among: Self.statuses)
            errorCode = decoding.reader.word("errorCode", &fields, .required, among: Self.errorCodes)
            timestamp = decoding.reader.timestamp("timestamp", &fields)
            _ = decoding.reader.text("info", &fields, limit: 50)
            _ = decoding.reader.text("vendorId", &fields, limit: 255)
            _ = decoding.reader.text("vendorErrorCode", &fields, limit: 50)
            decoding.reader.finish(fields)
        }

        private static let statuses = [
            "Available", "Preparing", "Charging", "SuspendedEVSE", "SuspendedEV", "Finishing", "Reserved",
            "Unavailable", "Faulted",
        ]
        private static let errorCodes = [
            "NoError", "ConnectorLockFailure", "EVCommunicationError", "GroundFailure", "HighTemperature",
            "InternalError", "LocalListConflict", "OtherError", "OverCurrentFailure", "OverVoltage",
            "PowerMeterFailure", "PowerSwitchFailure", "ReaderFailure", "ResetFailure", "UnderVoltage",
            "WeakSignal",
        ]
    }
}
