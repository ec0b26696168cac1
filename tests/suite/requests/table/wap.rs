//! The rows of Windows Azure Pack.

use conformance::calls;

use super::{super::sends, Row};

/// The page's own example without the time, which is the service's to say.
const ADDED: &str = r#"{
  "SubscriptionCertificatePublicKey": "MIIBCgKCAQEAlwzEOUpn23YTQG62sc/TjzOplxGVun3g4FbIB0MYPm3VX0vdQiMnypX8Gs8jgRB/MmOyS9qf6VI2hxPHayimr4cXMqdBnZXDWMQ6PlqMRx0DUwI/UQ+YqbF7ZjogAqedTFRcD4QCoOP8n+mVpvp4fLSEYeSZwrwLtnyeYn77lVJKcNltHzqVeRwBd951MjGEddbOPuwoGAzghEbDm/M9j3DpSObbwPnqfKfoUbx6xQRgwsRJsRXt81yE0VXcpKftwSJN26gwvx+0+us1GC6EKbKHoIZRWUDdzzwSDP+e31OHfPRrAD19n0qAYLDAv/QyBTKmwegyqOiWa2fqldEzYwIDAQAB",
  "SubscriptionCertificateThumbprint": "9B3C37766BD00C22EC478B8F124C153B4B7E4C5B",
  "SubscriptionCertificateData": "MIIC8zCCAd+gAwIBAgIQHb/x3sOWlpZEyaSG8ORcojAJBgUrDgMCHQUAMBQxEjAQBgNVBAMTCUthdGFsVGVzdDAeFw0xMzA3MDMxNTQ1NTZaFw0zOTEyMzEyMzU5NTlaMBQxEjAQBgNVBAMTCUthdGFsVGVzdDCCASIwDQYJKoZIhvcNAQEBBQADggEPADCCAQoCggEBAJcMxDlKZ9t2E0ButrHP048zqZcRlbp94OBWyAdDGD5t1V9L3UIjJ8qV/BrPI4EQfzJjskvan+lSNocTx2sopq+HFzKnQZ2Vw1jEOj5ajEcdA1MCP1EPmKmxe2Y6IAKnnUxUXA+EAqDj/J/plab6eHy0hGHkmcK8C7Z8nmJ++5VSSnDZbR86lXkcAXfedTIxhHXWzj7sKBgM4IRGw5vzPY9w6Ujm28D56nyn6FG8esUEYMLESbEV7fNchNFV3KSn7cEiTduoML8ftPrrNRguhCmyh6CGUVlA3c88Egz/nt9Th3z0awA9fZ9KgGCwwL/0MgUypsHoMqjolmtn6pXRM2MCAwEAAaNJMEcwRQYDVR0BBD4wPIAQbCwbwQ4AaGVMED7PAlJqW6EWMBQxEjAQBgNVBAMTCUthdGFsVGVzdIIQHb/x3sOWlpZEyaSG8ORcojAJBgUrDgMCHQUAA4IBAQAGFKwxP/WMV0Dn6fhapF4G/ytoJFi1MmNhZustln80e7CRUUXLBtwJcgU87mWiRZZHVHtPI5et+UCvJG3QxIzCkB4030UWQqgIeqXOgsoAd+SzCp/5ZabB5bjqZSMmiLTiLlbOjoPrNQW7UDSmVCn6rchU3bFpKuNqK1YsQX7aoVgadMB1G7MpdXYKj8WXPbZX7IAh5ymUlSoSlgD9wcBklU013n8UKVDId9iWnV15SWGrS06SYeVT+4hYUql6gHLKHCNKiVpLQ1tCpS3vq8nkQZcmsxwC6swAkWXez+pZlITHEkM12Iyb5zyBDTu/6Ind/hFsEHgQT2wAXfMH0m0I"
}"#;

/// A caller's name for a request, which is any text here.
const REQUEST_ID: &str = "26e2a5a6-0a22-45c8-a27e-7ef8cd1f27a5-2013-07-03 16:19:50Z";

/// The headers that the page requires, beside those that have to do with a body.
const REQUIRED: &[(&str, &str)] = &[("x-ms-principal-id", "ana@contoso.com")];

/// All headers that the page offers, beside those that have to do with a body.
const EVERYTHING: &[(&str, &str)] = &[
    (
        "x-ms-client-request-id",
        "26e2a5a6-0a22-45c8-a27e-7ef8cd1f27a5-2013-07-03 16:19:50Z",
    ),
    (
        "x-ms-client-session-id",
        "7b5a3d5e-8a53-4a71-9c7e-2f3fd1e1a001",
    ),
    ("x-ms-principal-id", "ana@contoso.com"),
    ("x-ms-principal-liveid", "ana@live.example"),
];

pub(super) const ROWS: [Row; 9] = [
    Row {
        name: "wap list: nothing but what the page requires",
        operation: "ManagementCertificate_List",
        thumbprint: "0123456789abcdef0123456789abcdef01234567",
        send: sends!(|clients, _| clients.wap.list()),
        method: "GET",
        target: "/Subscriptions/0cfc58de-38cb-4fa6-9258-4afde95d3c05/certificates",
        headers: REQUIRED,
        body: "",
    },
    Row {
        name: "wap list: everything that the page offers",
        operation: "ManagementCertificate_List",
        thumbprint: "0123456789abcdef0123456789abcdef01234567",
        send: sends!(|clients, _| clients
            .wap
            .list()
            .principal_live_id("ana@live.example".to_owned())
            .client_session_id("7b5a3d5e-8a53-4a71-9c7e-2f3fd1e1a001")
            .client_request_id(REQUEST_ID.to_owned())),
        method: "GET",
        target: "/Subscriptions/0cfc58de-38cb-4fa6-9258-4afde95d3c05/certificates",
        headers: EVERYTHING,
        body: "",
    },
    Row {
        name: "wap add: nothing but what the page requires",
        operation: "ManagementCertificate_Add",
        thumbprint: "0123456789abcdef0123456789abcdef01234567",
        send: sends!(|clients, _| clients.wap.add(calls::new_management_certificate())),
        method: "POST",
        target: "/Subscriptions/0cfc58de-38cb-4fa6-9258-4afde95d3c05/certificates",
        headers: &[
            ("content-length", "1523"),
            ("content-type", "application/json"),
            ("x-ms-principal-id", "ana@contoso.com"),
        ],
        body: ADDED,
    },
    Row {
        name: "wap add: everything that the page offers",
        operation: "ManagementCertificate_Add",
        thumbprint: "0123456789abcdef0123456789abcdef01234567",
        send: sends!(|clients, _| clients
            .wap
            .add(calls::new_management_certificate())
            .principal_live_id("ana@live.example".to_owned())
            .client_session_id("7b5a3d5e-8a53-4a71-9c7e-2f3fd1e1a001")
            .client_request_id(REQUEST_ID.to_owned())),
        method: "POST",
        target: "/Subscriptions/0cfc58de-38cb-4fa6-9258-4afde95d3c05/certificates",
        headers: &[
            ("content-length", "1523"),
            ("content-type", "application/json"),
            (
                "x-ms-client-request-id",
                "26e2a5a6-0a22-45c8-a27e-7ef8cd1f27a5-2013-07-03 16:19:50Z",
            ),
            (
                "x-ms-client-session-id",
                "7b5a3d5e-8a53-4a71-9c7e-2f3fd1e1a001",
            ),
            ("x-ms-principal-id", "ana@contoso.com"),
            ("x-ms-principal-liveid", "ana@live.example"),
        ],
        body: ADDED,
    },
    Row {
        name: "wap get: nothing but what the page requires",
        operation: "ManagementCertificate_Get",
        thumbprint: "0123456789abcdef0123456789abcdef01234567",
        send: sends!(|clients, thumbprint| clients.wap.get(&thumbprint)),
        method: "GET",
        target: "/Subscriptions/0cfc58de-38cb-4fa6-9258-4afde95d3c05/certificates/0123456789abcdef0123456789abcdef01234567",
        headers: REQUIRED,
        body: "",
    },
    Row {
        name: "wap get: everything that the page offers, for the certificate of its example",
        operation: "ManagementCertificate_Get",
        thumbprint: "9B3C37766BD00C22EC478B8F124C153B4B7E4C5B",
        send: sends!(|clients, thumbprint| clients
            .wap
            .get(&thumbprint)
            .principal_live_id("ana@live.example".to_owned())
            .client_session_id("7b5a3d5e-8a53-4a71-9c7e-2f3fd1e1a001")
            .client_request_id(REQUEST_ID.to_owned())),
        method: "GET",
        target: "/Subscriptions/0cfc58de-38cb-4fa6-9258-4afde95d3c05/certificates/9B3C37766BD00C22EC478B8F124C153B4B7E4C5B",
        headers: EVERYTHING,
        body: "",
    },
    Row {
        name: "wap delete: nothing but what the page requires",
        operation: "ManagementCertificate_Delete",
        thumbprint: "0123456789abcdef0123456789abcdef01234567",
        send: sends!(|clients, thumbprint| clients.wap.delete(&thumbprint)),
        method: "DELETE",
        target: "/Subscriptions/0cfc58de-38cb-4fa6-9258-4afde95d3c05/certificates/0123456789abcdef0123456789abcdef01234567",
        headers: REQUIRED,
        body: "",
    },
    Row {
        name: "wap delete: everything that the page offers, for the certificate of its example",
        operation: "ManagementCertificate_Delete",
        thumbprint: "9B3C37766BD00C22EC478B8F124C153B4B7E4C5B",
        send: sends!(|clients, thumbprint| clients
            .wap
            .delete(&thumbprint)
            .principal_live_id("ana@live.example".to_owned())
            .client_session_id("7b5a3d5e-8a53-4a71-9c7e-2f3fd1e1a001")
            .client_request_id(REQUEST_ID.to_owned())),
        method: "DELETE",
        target: "/Subscriptions/0cfc58de-38cb-4fa6-9258-4afde95d3c05/certificates/9B3C37766BD00C22EC478B8F124C153B4B7E4C5B",
        headers: EVERYTHING,
        body: "",
    },
    Row {
        name: "wap: a deadline of the caller's is not the service's business",
        operation: "ManagementCertificate_Delete",
        thumbprint: "0123456789abcdef0123456789abcdef01234567",
        send: sends!(|clients, thumbprint| clients
            .wap
            .delete(&thumbprint)
            .deadline(calls::PATIENT)),
        method: "DELETE",
        target: "/Subscriptions/0cfc58de-38cb-4fa6-9258-4afde95d3c05/certificates/0123456789abcdef0123456789abcdef01234567",
        headers: REQUIRED,
        body: "",
    },
];
