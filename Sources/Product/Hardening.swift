/// Where a service asks for less confinement than the standard; everything not asked for stays confined.
///
/// The names are systemd's (systemd.exec(5)).
public struct Hardening: Equatable, Sendable, Codable {
  /// Why the service needs it; mandatory as soon as anything is loosened.
  public var reason: String?
  /// False for programs that write code at run time (a JIT).
  public var memoryDenyWriteExecute: Bool
  /// False for real devices in /dev; narrow it with `devices`.
  public var privateDevices: Bool
  public var protectHome: Bool
  public var restrictRealtime: Bool
  public var restrictNamespaces: Bool
  /// Device nodes with access rights, as in `DeviceAllow=`: "/dev/video0 rw".
  public var devices: [String]
  /// Ambient capabilities, such as CAP_NET_BIND_SERVICE.
  public var capabilities: [String]
  /// Socket families allowed besides AF_UNIX, AF_INET and AF_INET6.
  public var addressFamilies: [String]
  /// Absolute paths outside the product's own folders that the service may write.
  public var writablePaths: [String]
  /// System calls or groups allowed besides @system-service.
  public var systemCalls: [String]

  public init(
    reason: String? = nil, memoryDenyWriteExecute: Bool = true, privateDevices: Bool = true, protectHome: Bool = true,
    restrictRealtime: Bool = true, restrictNamespaces: Bool = true, devices: [String] = [],
    capabilities: [String] = [], addressFamilies: [String] = [], writablePaths: [String] = [],
    systemCalls: [String] = []
  ) {
    self.reason = reason
    self.memoryDenyWriteExecute = memoryDenyWriteExecute
    self.privateDevices = privateDevices
    self.protectHome = protectHome
    self.restrictRealtime = restrictRealtime
    self.restrictNamespaces = restrictNamespaces
    self.devices = devices
    self.capabilities = capabilities
    self.addressFamilies = addressFamilies
    self.writablePaths = writablePaths
    self.systemCalls = systemCalls
  }

  public static let standard = Hardening()

  /// Whether anything is weaker than the standard.
  public var isLoosened: Bool {
    var plain = self
    plain.reason = nil
    return plain != .standard
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      reason: try container.decodeIfPresent(String.self, forKey: .reason),
      memoryDenyWriteExecute: try container.value(.memoryDenyWriteExecute, or: true),
      privateDevices: try container.value(.privateDevices, or: true),
      protectHome: try container.value(.protectHome, or: true),
      restrictRealtime: try container.value(.restrictRealtime, or: true),
      restrictNamespaces: try container.value(.restrictNamespaces, or: true),
      devices: try container.value(.devices, or: []),
      capabilities: try container.value(.capabilities, or: []),
      addressFamilies: try container.value(.addressFamilies, or: []),
      writablePaths: try container.value(.writablePaths, or: []),
      systemCalls: try container.value(.systemCalls, or: []))
  }
}
