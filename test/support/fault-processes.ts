// Several processes of one deployment, each started when it is needed, killed, and started again.
import {
  type Deployment,
  newDeployment,
  type Server,
  type StaffedTenant,
  staffDeployment,
  startServer,
} from './fault-deployment.ts';
import { measureSlowdown } from './machine-speed.ts';

export type FaultProcesses = {
  readonly deployment: Deployment;
  readonly people: StaffedTenant;
  /** How much slower than a quiet machine this one is: processes run that much longer between kills, and so do leases. */
  readonly pace: number;
  /** The running process of this number; started where there is none. */
  readonly up: (which: number) => Promise<Server>;
  readonly kill: (which: number) => Promise<void>;
  /** Stops all that run. */
  readonly stop: () => Promise<void>;
  /** Kills all that run, and removes the deployment. */
  readonly remove: () => Promise<void>;
};

/** Creates a deployment with Harbour Bank; no process runs yet. */
export async function faultProcesses(env: (pace: number) => Deployment['env']): Promise<FaultProcesses> {
  const pace = await measureSlowdown();
  const deployment = await newDeployment(env(pace));
  const people = await staffDeployment(deployment);
  const running = new Map<number, Server>();
  return {
    deployment,
    people,
    pace,
    up: async (which) => {
      const node = { CALLVAULT_NODE: `node-${which + 1}` };
      const server = running.get(which) ?? (await startServer({ env: { ...deployment.env, ...node } }));
      running.set(which, server);
      return server;
    },
    kill: async (which) => {
      await running.get(which)?.kill();
      running.delete(which);
    },
    stop: async () => {
      for (const server of running.values()) await server.stop();
      running.clear();
    },
    remove: async () => {
      for (const server of running.values()) await server.kill();
      await deployment.remove();
    },
  };
}
