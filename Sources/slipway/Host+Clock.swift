import Console
import Glibc
import Posix
import Services
import Updating

extension Host {
  /// The host's clocks. The id of the boot is PID 1's where the unit says it: in a container, /proc tells the host's.
  static var clock: Device.Clock {
    let named = getenv(ProcessPlan.bootIDVariable).map { String(cString: $0) }
    let read = HostClock.bootID().map { String($0.filter { $0 != "-" }) }
    let boot = named ?? read ?? "unknown"
    var clock = Device.Clock.host
    clock.bootID = { boot }
    return clock
  }
}
