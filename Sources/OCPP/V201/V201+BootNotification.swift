// SPDX-License-Identifier: Apache-2.0
public import JSONText

extension V201 {
    /// A station says what it is (P2 B01). The answer has the form of 1.6.
    public struct BootNotification: IncomingMessage, Hashable {
        public static let action = "BootNotification"

        /// Who made it.
        public let vendor: String?
        /// Which model.
        public let model: String?
        /// Serial number.
        public let serialNumber: String?
        /// Firmware version.
        public let firmwareVersion: String?
        /// Why it boots, e.g. `PowerUp`.
        public let reason: String?

        public init(reading payload: JSON, with decoding: inout Decoding) {
            var fields = PayloadReader.fields(of: payload)
            reason = decoding.reader.word("reason", &fields, .required, among: Self.reasons)
            if var station = decoding.reader.object("chargingStation", &fields, .required) {
                vendor = decoding.reader.text("vendorName", &station, .required, limit: 50)
                model = decoding.reader.text("model", &station, .required, limit: 20)
                serialNumber = decoding.reader.text("serialNumber", &station, limit: 25)
                firmwareVersion = decoding.reader.text("firmwareVersion", &station, limit: 50)
                _ = decoding.reader.object("modem", &station)
                decoding.reader.finish(station)
            } else {
                vendor = nil
                model = nil
                serialNumber = nil
                firmwareVersion = nil
            }
            decoding.reader.finish(fields)
        }

        private static let reasons = [
            "ApplicationReset", "FirmwareUpdate", "LocalReset", "PowerUp", "RemoteReset", "ScheduledReset",
            "Triggered", "Unknown", "Watchdog",
        ]
    }
}
