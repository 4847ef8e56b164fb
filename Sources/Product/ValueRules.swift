/// Rules for single values of manifests and configuration that can be judged without the disk.
enum ValueRules {
  static let path = "a relative path without '.', '..', empty parts or control characters, at most 1024 bytes"
  static let absolutePath = "an absolute path without '.', '..', empty parts, control characters or spaces at its ends"
  static let user = "a Linux user name: 1 to 31 of a-z, 0-9, '_', '-', not beginning with a digit or '-'"
  static let unit =
    "a unit name such as apt-daily.timer, ending in .service, .socket, .timer, .path, .mount, .automount or .target"
  static let label = "1 to 32 of a-z, 0-9 and '-', beginning with a letter or digit"
  static let tcti = "KIND:PLACE with the kind device, swtpm, mssim or tabrmd, such as device:/dev/tpmrm0"
  static let sha256 = "a SHA-256 as 64 of 0-9 and a-f"
  static let host = "a host name or an IP address"

  /// The parts of a path that stays inside where it is resolved.
  static func isRelativePath(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 1_024 && !Letters.hasControl(text) && hasPlainParts(text[...])
  }

  static func isAbsolutePath(_ text: String) -> Bool {
    text.first == "/" && text.utf8.count <= 1_024 && !Letters.hasControl(text) && text.last != " "
      && hasPlainParts(text.dropFirst())
  }

  private static func hasPlainParts(_ text: Substring) -> Bool {
    text.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
      !$0.isEmpty && $0 != "." && $0 != ".." && $0.utf8.count <= 255
    }
  }

  static func isUser(_ text: String) -> Bool {
    guard let first = text.utf8.first, text.utf8.count <= 31 else { return false }
    return (Letters.lower.contains(first) || first == Letters.underscore)
      && text.utf8.allSatisfy {
        Letters.lower.contains($0) || Letters.digits.contains($0) || $0 == Letters.underscore || $0 == Letters.hyphen
      }
  }

  /// Names of services, channels, rings and folders: they become parts of file and unit names.
  static func isLabel(_ text: String) -> Bool {
    guard let first = text.utf8.first, text.utf8.count <= 32, first != Letters.hyphen else { return false }
    return text.utf8.allSatisfy { Letters.lower.contains($0) || Letters.digits.contains($0) || $0 == Letters.hyphen }
  }

  /// systemd.unit(5): at most 255 of letters, digits, ":", "-", "_", ".", "\", "@", and a known type.
  static func isUnit(_ text: String) -> Bool {
    let types: Set<Substring> = ["service", "socket", "timer", "path", "mount", "automount", "target"]
    guard let dot = text.lastIndex(of: "."), dot != text.startIndex, text.utf8.count <= 255, text.first != "." else {
      return false
    }
    return types.contains(text[text.index(after: dot)...])
      && text.utf8.allSatisfy { Letters.isAlphanumeric($0) || ":-_.\\@".utf8.contains($0) }
  }

  /// Nothing that lets tpm2-tss look for some TPM by itself, or that runs a command: a known name, and a place.
  static func isTCTI(_ text: String) -> Bool {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    return parts.count == 2 && ["device", "swtpm", "mssim", "tabrmd"].contains(parts[0]) && !parts[1].isEmpty
      && text.utf8.count <= 512 && text.utf8.allSatisfy { 0x20...0x7E ~= $0 }
  }

  static func isSHA256(_ text: String) -> Bool {
    text.utf8.count == 64
      && text.utf8.allSatisfy {
        Letters.digits.contains($0) || UInt8(ascii: "a")...UInt8(ascii: "f") ~= $0
      }
  }

  static func isHost(_ text: String) -> Bool {
    if text.contains(":") { return isIPv6(text) }
    guard !text.isEmpty, text.utf8.count <= 253 else { return false }
    return text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { part in
      !part.isEmpty && part.utf8.count <= 63 && part.first != "-" && part.last != "-"
        && part.utf8.allSatisfy { Letters.isAlphanumeric($0) || $0 == Letters.hyphen }
    }
  }

  /// The shape only; the resolver has the last word.
  private static func isIPv6(_ text: String) -> Bool {
    text.utf8.count <= 45 && text.utf8.count >= 2
      && text.utf8.allSatisfy { Letters.isHexadecimal($0) || $0 == Letters.dot || $0 == UInt8(ascii: ":") }
  }

  static func isPort(_ number: Int) -> Bool { (1...65_535).contains(number) }

  /// Addresses that never leave the device.
  static func isLoopback(_ host: String) -> Bool {
    if host == "localhost" || host == "::1" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127"
      && parts.allSatisfy { UInt8($0) != nil && $0.utf8.allSatisfy(Letters.digits.contains) }
  }

  static func isEnvironmentName(_ text: String) -> Bool {
    guard let first = text.utf8.first, !Letters.digits.contains(first) else { return false }
    return text.utf8.allSatisfy { Letters.isAlphanumeric($0) || $0 == Letters.underscore }
  }

  /// Capabilities, socket families: `CAP_NET_ADMIN`, `AF_NETLINK`.
  static func isConstant(_ text: String, prefix: String) -> Bool {
    text.hasPrefix(prefix) && text.utf8.count > prefix.utf8.count
      && text.utf8.allSatisfy {
        Letters.upper.contains($0) || Letters.digits.contains($0) || $0 == Letters.underscore
      }
  }

  static func isLanguage(_ text: String) -> Bool {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    return parts.count <= 2 && (2...3).contains(parts[0].utf8.count) && parts[0].utf8.allSatisfy(Letters.lower.contains)
      && parts.dropFirst().allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy(Letters.isAlphanumeric) }
  }
}
