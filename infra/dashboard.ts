import { Duration } from "aws-cdk-lib";
import { AlarmStatusWidget, Color, Dashboard, GraphWidget } from "aws-cdk-lib/aws-cloudwatch";
import { Construct } from "constructs";
import type { CreditAlert } from "./account.ts";

export interface CreditDashboardProps {
  /** The accounts to show, from top to bottom. */
  readonly creditAlerts: readonly CreditAlert[];
  /** Time between checks. */
  readonly interval: Duration;
}

/** The credits of all accounts at a glance, a row for each. */
export class CreditDashboard extends Construct {
  readonly dashboard: Dashboard;

  constructor(scope: Construct, id: string, { creditAlerts, interval }: CreditDashboardProps) {
    super(scope, id);
    this.dashboard = new Dashboard(this, "Dashboard", {
      defaultInterval: Duration.days(7),
      widgets: creditAlerts.map((creditAlert) => row(creditAlert, interval)),
    });
  }
}

function row(creditAlert: CreditAlert, interval: Duration) {
  const { name, warningCredits, criticalCredits, warningHours, criticalHours } = creditAlert.account;
  const line = (label: string, value: number, color: string) => ({ label, value, color });
  const hours = [line("warning", warningHours, Color.ORANGE), line("critical", criticalHours, Color.RED)];
  return [
    new GraphWidget({
      title: `${name}: credits`,
      width: 11,
      left: [creditAlert.metric("Credits", interval)],
      leftYAxis: { min: 0, label: "credits", showUnits: false },
      leftAnnotations: [
        line("warning", warningCredits, Color.ORANGE),
        line("critical", criticalCredits, Color.RED),
      ],
    }),
    new GraphWidget({
      title: `${name}: hours left`,
      width: 9,
      left: [creditAlert.metric("HoursLeft", interval)],
      leftYAxis: { min: 0, label: "hours", showUnits: false },
      // A limit of 0 is off.
      leftAnnotations: hours.filter(({ value }) => value > 0),
    }),
    new AlarmStatusWidget({
      title: `${name}: alarms`,
      width: 4,
      height: 6,
      alarms: [...creditAlert.alarms],
    }),
  ];
}
