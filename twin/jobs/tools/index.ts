export { aws } from './aws';
export { docker } from './docker';
export { ToolServer } from './tool-server';
