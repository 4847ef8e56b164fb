@testable import Cryptography
@testable import Prerequisites
@testable import Product
@testable import Services
@testable import Transport

extension FuzzTarget {
  static let texts = [headers, resume, values, host, key]

  /// HTTP headers that a server chooses, a line each; every line is given to every reader.
  private static let headers = FuzzTarget("headers", maximumLength: 512) { (bytes) throws(Finding) in
    guard let text = String(validating: bytes, as: UTF8.self) else { return false }
    var read = false
    for line in lines(text) {
      if let range = ContentRange(line) {
        try require(range.first >= 0 && range.first <= range.last, "\(range)")
        try require(range.total.map { range.last < $0 } ?? true, "\(range)")
        read = true
      }
      if let wait = RetryAfter.wait(line, now: 1_767_225_600) {
        try require(wait >= .zero && wait <= .seconds(86_400), "Retry-After: \(line): \(wait)")
        read = true
      }
      if let validator = Validator(entityTag: line, lastModified: line, date: nil) {
        try require(validator.text == line, "validator \(validator) of \(line)")
        read = true
      }
      if let address = Transport.WebAddress(line) {
        try require(!address.host.isEmpty && address.pathAndQuery.hasPrefix("/"), "\(address)")
        _ = try? address.redirected(to: line)
        read = true
      }
    }
    return read
  }

  private static let resume = FuzzTarget("resume", maximumLength: 1024) { (bytes) throws(Finding) in
    guard let record = ResumeRecord(parsing: bytes) else { return false }
    let text = try mustSucceed("encoded") { () throws in try record.encoded() }
    try require(ResumeRecord(parsing: text) == record, "differs after writing and reading")
    _ = record.validator
    return true
  }

  /// Values in documents and configuration, a line each: what is read is written as it was, or as something equal.
  private static let values = FuzzTarget("values", maximumLength: 512) { (bytes) throws(Finding) in
    guard let text = String(validating: bytes, as: UTF8.self) else { return false }
    var read = false
    var versions: [SemanticVersion] = []
    for line in lines(text) {
      if let version = try? SemanticVersion(line) {
        try require(version.description == line, "version \(version) of \(line)")
        versions.append(version)
      }
      if let time = try? Timestamp(line) { try require(time.description == line, "time \(time) of \(line)") }
      if let id = try? ProductID(line) { try require(id.text == line, "id \(id) of \(line)") }
      if let release = TargetNames.parseRelease(line) {
        try require(TargetNames.release(release.part, of: release.release) == line, "\(release) of \(line)")
        read = true
      }
      if let window = MaintenanceWindow(line) {
        // Thursday, 2026-01-01, in the evening.
        let time = LocalTime(day: 20_454, minute: 1_300)
        if let wait = window.minutesUntilOpen(from: time) {
          let then = LocalTime(day: time.day + (1_300 + wait) / 1_440, minute: Int((1_300 + wait) % 1_440))
          try require(wait >= 0 && window.contains(then), "\(line) is not open after \(wait) minutes")
        }
        read = true
      }
      _ = Product.WebAddress(line)
    }
    for (one, other) in zip(versions, versions.dropFirst()) {
      let orders = [one < other, one == other, other < one].count { $0 }
      try require(orders == 1, "\(one) and \(other) have \(orders) orders")
    }
    return read || !versions.isEmpty
  }

  /// Files of the host and answers of its tools.
  private static let host = FuzzTarget("host", maximumLength: 2048) { (bytes) throws(Finding) in
    _ = LocalFiles.accounts(passwd: bytes)
    _ = LocalFiles.installed(["libc6", "libc6:amd64"], dpkgStatus: bytes)
    let account = Account.parse("root", passwd: bytes, group: bytes)
    try require(account.map { $0.groups.first == $0.group } ?? true, "groups of \(String(describing: account))")
    let text = String(decoding: bytes, as: UTF8.self)
    _ = OSRelease(parsing: text)
    return (try? UnitStatus(showing: text)) != nil || account != nil
  }

  /// Keys in PEM, public and private; one that is read is written and read again as the same.
  private static let key = FuzzTarget("key", maximumLength: 4096) { (bytes) throws(Finding) in
    if let key = try? PublicKey(pem: bytes) {
      let again = try mustSucceed("written and read again") { () throws in try PublicKey(pem: Array(key.pem.utf8)) }
      try require(again == key, "another key after writing and reading")
      try require(!key.verify(signature: bytes, message: bytes), "a signature nobody made")
      return true
    }
    return (try? PrivateKey(pem: bytes, passphrase: Array("pass".utf8))) != nil
  }

  private static func lines(_ text: String) -> [String] {
    text.unicodeScalars.split(separator: "\n").prefix(8).map { String(Substring($0)) }
  }
}
