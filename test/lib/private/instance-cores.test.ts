import { coresOf } from '../../../lib/private/instance-cores';
import SIZES from '../../../twin/services/sagemaker/instance-types.json';

test('every type that an endpoint can have has the processors that EC2 describes', () => {
  const described = Object.entries(SIZES).map(([type, { vcpus }]) => [type, vcpus]);
  expect(described.length).toBeGreaterThan(250);
  expect(Object.keys(SIZES).map((type) => [type, coresOf(type)])).toEqual(described);
});

test.each(['ml.m7.metal', 'ml.m5', 'm5.large', ''])("'%s' does not tell", (type) => {
  expect(coresOf(type)).toBeUndefined();
});
