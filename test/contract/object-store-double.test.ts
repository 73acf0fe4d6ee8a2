// The contract of an object store over the S3 adapter on the double, which passes every case.
import { doublePlace, doubleStore } from '../support/double/adapters.ts';
import { startDouble } from '../support/double/double.ts';
import { objectStoreContract } from './object-store.ts';

objectStoreContract({ name: 'S3 on the double', server: null }, async () => {
  const double = await startDouble();
  const place = await doublePlace(double, 'unversioned', 'a place/录音+1');
  return { store: doubleStore(double), place, other: { ...place, prefix: 'a place' }, close: double.close };
});

objectStoreContract({ name: 'S3 on the double with versions', server: null }, async () => {
  const double = await startDouble();
  const [place, other] = [await doublePlace(double, 'versioned'), await doublePlace(double, 'versioned')];
  return { store: doubleStore(double), place, other, close: double.close };
});
