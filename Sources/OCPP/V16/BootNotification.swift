// SPDX-License-Identifier: Apache-2.0
public import JSONText

extension V16 {
    /// A station says what it is (1.6 §4.2).
    public struct BootNotification: IncomingMessage, Hashable {
        public static let action = "BootNotification"

        /// Who made it, at most 20 characters.
        public let vendor: String?
        /// Which model, at most 20 characters.
        public let model: String?
        /// Serial number of the charge point, or of its box where only that is told.
        public let serialNumber: String?
        /// Firmware version.
        public let firmwareVersion: String?
        /// Serial number of the main meter.
        public let meterSerialNumber: String?

        public init(reading payload: JSON, with decoding: inout Decoding) {
            var fields = PayloadReader.fields(of: payload)
            vendor = decoding.reader.text("chargePointVendor", &fields, .required, limit: 20)
            model = decoding.reader.text("chargePointModel", &fields, .required, limit: 20)
            let pointSerial = decoding.reader.text("chargePointSerialNumber", &fields, limit: 25)
            let boxSerial = decoding.reader.text("chargeBoxSerialNumber", &fields, limit: 25)
            serialNumber = pointSerial ?? boxSerial
            firmwareVersion = decoding.reader.text("firmwareVersion", &fields, limit: 50)
            _ = decoding.reader.text("iccid", &fields, limit: 20)
            _ = decoding.reader.text("imsi", &fields, limit: 20)
            _ = decoding.reader.text("meterType", &fields, limit: 25)
            meterSerialNumber = decoding.reader.text("meterSerialNumber", &fields, limit: 25)
            decoding.reader.finish(fields)
        }

        /// The answer; 1.6, 2.0.1 and 2.1 share its form. `intervalSeconds` is the heartbeat's, or the pause
        /// before the next boot if not accepted.
        public static func answer(
            _ status: RegistrationStatus, atNanoseconds now: Int64, intervalSeconds: Int64
        ) -> JSON {
            [
                "status": .string(status.rawValue), "currentTime": .string(Timestamp.text(nanoseconds: now)),
                "interval": JSON(intervalSeconds),
            ]
        }
    }
}
