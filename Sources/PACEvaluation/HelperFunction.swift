import Proxies

/// The global functions that a script may call. What each does is said where it is done: ``HostRules``, ``AddressRules``,
/// ``TimeRules``.
enum HelperFunction: Int32, CaseIterable {
  case isPlainHostName, dnsDomainIs, localHostOrDomainIs, dnsDomainLevels, shExpMatch
  case isResolvable, isInNet, dnsResolve, myIpAddress, convertAddress
  case isResolvableEx, isInNetEx, dnsResolveEx, myIpAddressEx, sortIpAddressList, getClientVersion
  case weekdayRange, dateRange, timeRange
  case alert

  /// Under which names a script knows it: documents write some of them in more than one way.
  var names: [String] {
    switch self {
    case .convertAddress: ["convert_addr"]
    case .myIpAddressEx: ["myIpAddressEx", "myIPAddressEx"]
    case .sortIpAddressList: ["sortIpAddressList", "sortIPAddressList"]
    default: ["\(self)"]
    }
  }
}

/// A value on its way between script and helper.
enum HelperValue: Equatable, Sendable {
  /// undefined and null.
  case nothing
  case truth(Bool)
  case number(Double)
  case text(String)
  /// As an answer only: whether the first argument matches a regular expression, which the engine is to find out.
  case match(String)

  var text: String? { if case .text(let text) = self { text } else { nil } }

  init(_ text: String?) { self = text.map { .text($0) } ?? .nothing }
}

/// A helper was called with what it cannot work on: a TypeError to the script.
struct HelperMisuse: Error {
  let reason: String
}

/// What helpers ask of the world; answered by whoever asked the script.
struct HelperWorld: Sendable {
  /// All addresses of a name; none where it cannot be resolved.
  var addresses: @Sendable (String) -> [IPAddress]
  /// The machine's own addresses, the preferred ones first.
  var ownAddresses: @Sendable () -> [IPAddress]
  var time: @Sendable () -> PACTime
  var alert: @Sendable (String) -> Void
}

extension HelperFunction {
  func call(_ arguments: [HelperValue], in world: HelperWorld) throws(HelperMisuse) -> HelperValue {
    func value(_ index: Int) -> HelperValue { index < arguments.count ? arguments[index] : .nothing }
    func text(_ index: Int) throws(HelperMisuse) -> String {
      guard let text = value(index).text else {
        throw HelperMisuse(reason: "\(names[0]): argument \(index + 1) is not a string")
      }
      return text
    }
    switch self {
    case .isPlainHostName: return .truth(HostRules.isPlain(try text(0)))
    case .dnsDomainIs: return .truth(HostRules.isHost(try text(0), inDomain: try text(1)))
    case .localHostOrDomainIs: return .truth(HostRules.isHost(try text(0), localOr: try text(1)))
    case .dnsDomainLevels: return .number(Double(HostRules.domainLevels(try text(0))))
    case .shExpMatch:
      let (subject, pattern) = (try text(0), try text(1))
      return switch HostRules.pattern(pattern) {
      case .plain: .truth(HostRules.matches(subject, plain: pattern))
      case .expression(let expression): .match(expression)
      }

    case .dnsResolve: return HelperValue(version4(value(0), world)?.description)
    case .isResolvable: return .truth(version4(value(0), world) != nil)
    case .isInNet:
      guard let address = version4(value(0), world), let pattern = value(1).text, let mask = value(2).text else {
        return .truth(false)
      }
      return .truth(AddressRules.isIn(address, pattern: pattern, mask: mask))
    case .myIpAddress: return .text(world.ownAddresses().first { !$0.isVersion6 }?.description ?? "127.0.0.1")
    case .convertAddress: return .number(value(0).text.flatMap { AddressRules.number($0) } ?? 0)

    case .dnsResolveEx: return .text(AddressRules.list(resolve(value(0), world)))
    case .isResolvableEx: return .truth(!resolve(value(0), world).isEmpty)
    case .isInNetEx:
      guard let address = value(0).text, let prefix = value(1).text else { return .nothing }
      return .truth(AddressRules.isIn(address, prefix: prefix))
    case .myIpAddressEx: return .text(AddressRules.list(world.ownAddresses()))
    case .sortIpAddressList:
      guard let list = value(0).text else { return .nothing }
      return AddressRules.sorted(list).map { .text($0) } ?? .truth(false)
    case .getClientVersion: return .text("1.0")

    case .weekdayRange: return .truth(TimeRules.weekdayRange(arguments, at: world.time()))
    case .dateRange: return .truth(TimeRules.dateRange(arguments, at: world.time()))
    case .timeRange: return .truth(TimeRules.timeRange(arguments, at: world.time()))

    case .alert:
      world.alert(value(0).spoken)
      return .nothing
    }
  }

  private func resolve(_ value: HelperValue, _ world: HelperWorld) -> [IPAddress] {
    guard let name = value.text, !name.isEmpty else { return [] }
    return IPAddress(parsing: name).map { [$0] } ?? world.addresses(name)
  }

  private func version4(_ value: HelperValue, _ world: HelperWorld) -> IPAddress? {
    resolve(value, world).first { !$0.isVersion6 }
  }
}

extension HelperValue {
  fileprivate var spoken: String {
    switch self {
    case .nothing: "undefined"
    case .truth(let truth): "\(truth)"
    case .number(let number): Int(exactly: number).map { "\($0)" } ?? "\(number)"
    case .text(let text), .match(let text): text
    }
  }
}
