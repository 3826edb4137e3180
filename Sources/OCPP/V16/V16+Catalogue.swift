// SPDX-License-Identifier: Apache-2.0

extension V16 {
    /// The 28 messages of 1.6 and the 11 of its security paper.
    static let catalogue: [Catalogue.Entry] =
        Catalogue.entries(
            .station, .read,
            "Authorize", "BootNotification", "Heartbeat", "MeterValues", "StartTransaction",
            "StatusNotification", "StopTransaction")
        + Catalogue.entries(
            .station, .journal,
            "DiagnosticsStatusNotification", "FirmwareStatusNotification", "LogStatusNotification",
            "SecurityEventNotification", "SignedFirmwareStatusNotification")
        + Catalogue.entries(.station, .declined, "SignCertificate")
        + Catalogue.entries(.both, .declined, "DataTransfer")
        + Catalogue.entries(
            .us, .sent,
            "ChangeAvailability", "ChangeConfiguration", "ClearCache", "GetConfiguration",
            "RemoteStartTransaction", "RemoteStopTransaction",
            "Reset",
            "TriggerMessage",
            "UnlockConnector")
        + Catalogue.entries(
            .us, .later,
            "CancelReservation", "CertificateSigned", "ClearChargingProfile", "DeleteCertificate",
            "ExtendedTriggerMessage", "GetCompositeSchedule",
            "GetDiagnostics", "GetInstalledCertificateIds", "GetLocalListVersion",
            "GetLog",
            "InstallCertificate", "ReserveNow", "SendLocalList", "SetChargingProfile", "SignedUpdateFirmware",
            "UpdateFirmware")
}
